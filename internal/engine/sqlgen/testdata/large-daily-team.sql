SELECT f.day,
 t0.value,
 CASE WHEN t0.value IS NULL THEN CASE WHEN f.no_caller THEN CASE WHEN NOT m.ai THEN 'not AI' WHEN m.known AND NOT m.inference THEN CASE k.class WHEN 'fee' THEN 'no caller: fee' WHEN 'discount' THEN 'no caller: discount' WHEN 'credit' THEN 'no caller: credit or refund' WHEN 'refund' THEN 'no caller: credit or refund' WHEN 'tax' THEN 'no caller: tax' ELSE 'no caller: not inference' END ELSE CASE k.class WHEN 'fee' THEN 'no caller: fee' WHEN 'discount' THEN 'no caller: discount' WHEN 'credit' THEN 'no caller: credit or refund' WHEN 'refund' THEN 'no caller: credit or refund' WHEN 'tax' THEN 'no caller: tax' ELSE 'no caller: no caller column' END END ELSE CASE WHEN f.early_t0 THEN 'not seen yet' ELSE 'untagged' END END END,
 CAST(? AS VARCHAR),
 CAST(NULL AS VARCHAR),
 nullif(a.account, ''),
 CASE WHEN nullif(a.account, '') IS NULL THEN 'no account' END,
 CAST(? AS VARCHAR),
 '',
 CASE WHEN k.counts THEN m.unit END,
 CASE WHEN k.counts THEN m.multiplier ELSE 0 END,
 CAST(sum(f.charges) AS BIGINT),
 CAST(sum(f.cost_hi) AS VARCHAR),
 CAST(sum(f.cost_rest) AS VARCHAR),
 CAST(sum(f.unblended_hi) AS VARCHAR),
 CAST(sum(f.unblended_rest) AS VARCHAR),
 CAST(sum(f.quantity_hi) AS VARCHAR),
 CAST(sum(f.quantity_rest) AS VARCHAR)
FROM (SELECT t0.one AS t0_id, m.one AS m_id, x.charge_type_id AS k_id, x.account_id AS a_id, x.day AS day, x.day < CAST(? AS DATE) AS early_t0, x.caller_id = 0 AS no_caller, count(*) AS charges, sum(x.unblended_hi) AS cost_hi, sum(x.unblended_rest) AS cost_rest, sum(x.unblended_hi) AS unblended_hi, sum(x.unblended_rest) AS unblended_rest, sum(x.quantity_hi) AS quantity_hi, sum(x.quantity_rest) AS quantity_rest
 FROM s1.fact x
 LEFT JOIN (SELECT tagset_id, min(tagset_id) OVER (PARTITION BY value) AS one FROM dims.tag t0 WHERE source = ? AND name = ?) t0 ON t0.tagset_id = x.tagset_id
 JOIN (SELECT meter_id, min(meter_id) OVER (PARTITION BY ai, known, inference, unit, multiplier) AS one FROM dims.meter m WHERE (CASE WHEN m.ai THEN 'AI' ELSE 'not AI' END IS NOT NULL AND (CASE WHEN m.ai THEN 'AI' ELSE 'not AI' END IN (?)))) m ON m.meter_id = x.meter_id
 GROUP BY 1, 2, 3, 4, 5, 6, 7) f
LEFT JOIN (SELECT tagset_id, value FROM dims.tag t0 WHERE source = ? AND name = ?) t0 ON t0.tagset_id = f.t0_id
LEFT JOIN (SELECT meter_id, ai, known, inference, unit, multiplier FROM dims.meter m) m ON m.meter_id = f.m_id
LEFT JOIN (SELECT charge_type_id, class, counts FROM dims.charge_type k) k ON k.charge_type_id = f.k_id
LEFT JOIN (SELECT account_id, account FROM dims.account a) a ON a.account_id = f.a_id
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
-- 111122223333
-- USD
-- 2026-10-10
-- iamPrincipal
-- team
-- AI
-- iamPrincipal
-- team
