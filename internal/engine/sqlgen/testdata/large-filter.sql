SELECT CAST(NULL AS DATE),
 t1.value,
 CASE WHEN t1.value IS NULL THEN 'not seen yet' END,
 nullif(i.invoice, ''),
 CASE WHEN nullif(i.invoice, '') IS NULL THEN 'no invoice' END,
 CAST(? AS VARCHAR),
 'not available',
 CASE WHEN k.counts THEN m.unit END,
 CASE WHEN k.counts THEN m.multiplier ELSE 0 END,
 CAST(sum(f.charges) AS BIGINT),
 CAST(sum(f.cost_hi) AS VARCHAR),
 CAST(sum(f.cost_rest) AS VARCHAR),
 CAST(sum(f.unblended_hi) AS VARCHAR),
 CAST(sum(f.unblended_rest) AS VARCHAR),
 CAST(sum(f.quantity_hi) AS VARCHAR),
 CAST(sum(f.quantity_rest) AS VARCHAR)
FROM (SELECT m.one AS m_id, w.one AS w_id, t1.one AS t1_id, x.invoice_id AS i_id, x.charge_type_id AS k_id, count(*) AS charges, 0 AS cost_hi, 0 AS cost_rest, sum(x.unblended_hi) AS unblended_hi, sum(x.unblended_rest) AS unblended_rest, sum(x.quantity_hi) AS quantity_hi, sum(x.quantity_rest) AS quantity_rest
 FROM s1.fact x
 JOIN (SELECT meter_id, min(meter_id) OVER (PARTITION BY ai, model, unit, multiplier) AS one FROM dims.meter m WHERE (CASE WHEN m.ai THEN 'AI' ELSE 'not AI' END IS NOT NULL AND (CASE WHEN m.ai THEN 'AI' ELSE 'not AI' END IN (?)))) m ON m.meter_id = x.meter_id
 LEFT JOIN (SELECT caller_id, min(caller_id) OVER (PARTITION BY person, person_folded) AS one FROM callers_s1 w) w ON w.caller_id = x.caller_id
 LEFT JOIN (SELECT tagset_id, min(tagset_id) OVER (PARTITION BY value) AS one FROM dims.tag t1 WHERE source = ? AND name = ?) t1 ON t1.tagset_id = x.tagset_id
 WHERE x.tagset_id NOT IN (SELECT tagset_id FROM dims.tag t0 WHERE source = ? AND name = ? AND (t0.value IS NOT NULL AND (t0.value IN (?)))) AND x.tagset_id IN (SELECT tagset_id FROM dims.tag t0 WHERE source = ? AND name = ? AND (t0.value IS NOT NULL AND (t0.value LIKE ? ESCAPE '\' OR t0.value IN (?))))
 GROUP BY 1, 2, 3, 4, 5) f
LEFT JOIN (SELECT meter_id, ai, model, unit, multiplier FROM dims.meter m) m ON m.meter_id = f.m_id
LEFT JOIN (SELECT caller_id, person, person_folded FROM callers_s1 w) w ON w.caller_id = f.w_id
LEFT JOIN (SELECT tagset_id, value FROM dims.tag t1 WHERE source = ? AND name = ?) t1 ON t1.tagset_id = f.t1_id
LEFT JOIN (SELECT invoice_id, invoice FROM s1.invoice i) i ON i.invoice_id = f.i_id
LEFT JOIN (SELECT charge_type_id, counts FROM dims.charge_type k) k ON k.charge_type_id = f.k_id
WHERE ((CASE WHEN m.ai THEN nullif(m.model, '') END IS NOT NULL AND (CASE WHEN m.ai THEN nullif(m.model, '') END LIKE ? ESCAPE '\')) OR (w.person_folded IS NOT NULL AND (w.person_folded IN (?))))
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
-- USD
-- AI
-- resourceTags
-- app
-- iamPrincipal
-- team
-- x
-- iamPrincipal
-- team
-- R&D%
-- search
-- resourceTags
-- app
-- Claude%
-- alice@example.com
