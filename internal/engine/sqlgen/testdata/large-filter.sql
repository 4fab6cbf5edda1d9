CREATE TABLE memory.main.map_45e5a8554dff4c1b_all AS SELECT meter_id AS id, dense_rank() OVER (ORDER BY ai, model, unit, multiplier) AS one, ai, model, unit, multiplier FROM (SELECT meter_id, ai, model, unit, multiplier FROM dims.meter m);
CREATE TABLE memory.main.map_45e5a8554dff4c1b_v AS SELECT DISTINCT one::INTEGER AS one, ai, model, unit, multiplier FROM memory.main.map_45e5a8554dff4c1b_all;
CREATE TABLE memory.main.map_45e5a8554dff4c1b AS SELECT r.id::INTEGER AS id, coalesce(a.one, 0)::INTEGER AS one FROM range(0, (SELECT coalesce(max(meter_id), 0) + 1 FROM dims.meter)) r(id) LEFT JOIN memory.main.map_45e5a8554dff4c1b_all a ON a.id = r.id ORDER BY 1;
DROP TABLE memory.main.map_45e5a8554dff4c1b_all;
CREATE TABLE memory.main.map_8f2920da82861ac2_all AS SELECT caller_id AS id, dense_rank() OVER (ORDER BY person, person_folded) AS one, person, person_folded FROM (SELECT caller_id, person, person_folded FROM callers_s1 w);
CREATE TABLE memory.main.map_8f2920da82861ac2_v AS SELECT DISTINCT one::INTEGER AS one, person, person_folded FROM memory.main.map_8f2920da82861ac2_all;
CREATE TABLE memory.main.map_8f2920da82861ac2 AS SELECT r.id::INTEGER AS id, coalesce(a.one, 0)::INTEGER AS one FROM range(0, (SELECT coalesce(max(caller_id), 0) + 1 FROM s1.caller)) r(id) LEFT JOIN memory.main.map_8f2920da82861ac2_all a ON a.id = r.id ORDER BY 1;
DROP TABLE memory.main.map_8f2920da82861ac2_all;
CREATE TABLE memory.main.map_471ce8cc51337db0_all AS SELECT tagset_id AS id, dense_rank() OVER (ORDER BY value) AS one, value FROM (SELECT tagset_id, value FROM dims.tag t1 WHERE source = ? AND name = ?);
CREATE TABLE memory.main.map_471ce8cc51337db0_v AS SELECT DISTINCT one::INTEGER AS one, value FROM memory.main.map_471ce8cc51337db0_all;
CREATE TABLE memory.main.map_471ce8cc51337db0 AS SELECT r.id::INTEGER AS id, coalesce(a.one, 0)::INTEGER AS one FROM range(0, (SELECT coalesce(max(tagset_id), 0) + 1 FROM dims.tagset)) r(id) LEFT JOIN memory.main.map_471ce8cc51337db0_all a ON a.id = r.id ORDER BY 1;
DROP TABLE memory.main.map_471ce8cc51337db0_all;
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
 CAST(sum(f.unblended_hi) AS VARCHAR),
 CAST(sum(f.unblended_rest) AS VARCHAR),
 CAST(sum(f.quantity_hi) AS VARCHAR),
 CAST(sum(f.quantity_rest) AS VARCHAR)
FROM (SELECT m.one AS m_id, w.one AS w_id, t1.one AS t1_id, x.invoice_id AS i_id, x.charge_type_id AS k_id, count(*) AS charges, sum(x.unblended_hi) AS unblended_hi, sum(x.unblended_rest) AS unblended_rest, sum(x.quantity_hi) AS quantity_hi, sum(x.quantity_rest) AS quantity_rest
 FROM s1.fact x
 JOIN (SELECT id, one FROM memory.main.map_45e5a8554dff4c1b WHERE id IN (SELECT meter_id FROM dims.meter m WHERE m.ai)) m ON m.id = x.meter_id
 JOIN memory.main.map_8f2920da82861ac2 w ON w.id = x.caller_id
 JOIN memory.main.map_471ce8cc51337db0 t1 ON t1.id = x.tagset_id
 WHERE x.tagset_id NOT IN (SELECT tagset_id FROM dims.tag t0 WHERE source = ? AND name = ? AND (t0.value IS NOT NULL AND (t0.value IN (?)))) AND x.tagset_id IN (SELECT tagset_id FROM dims.tag t0 WHERE source = ? AND name = ? AND (t0.value IS NOT NULL AND (t0.value LIKE ? ESCAPE '\' OR t0.value IN (?))))
 GROUP BY 1, 2, 3, 4, 5) f
LEFT JOIN memory.main.map_45e5a8554dff4c1b_v m ON m.one = f.m_id
LEFT JOIN memory.main.map_8f2920da82861ac2_v w ON w.one = f.w_id
LEFT JOIN memory.main.map_471ce8cc51337db0_v t1 ON t1.one = f.t1_id
LEFT JOIN (SELECT invoice_id, invoice FROM s1.invoice i) i ON i.invoice_id = f.i_id
LEFT JOIN (SELECT charge_type_id, counts FROM dims.charge_type k) k ON k.charge_type_id = f.k_id
WHERE ((CASE WHEN m.ai THEN nullif(m.model, '') END IS NOT NULL AND (CASE WHEN m.ai THEN nullif(m.model, '') END LIKE ? ESCAPE '\')) OR (w.person_folded IS NOT NULL AND (w.person_folded IN (?))))
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
-- USD
-- iamPrincipal
-- team
-- x
-- iamPrincipal
-- team
-- R&D%
-- search
-- Claude%
-- alice@example.com
