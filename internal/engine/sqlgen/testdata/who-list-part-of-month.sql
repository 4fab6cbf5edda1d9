SELECT CAST(NULL AS DATE),
 w.who,
 CASE WHEN w.who IS NULL THEN CASE WHEN f.w_id > 0 THEN 'no who' ELSE CASE WHEN NOT m.ai THEN 'not AI' WHEN m.known AND NOT m.inference THEN CASE k.class WHEN 'fee' THEN 'no caller: fee' WHEN 'discount' THEN 'no caller: discount' WHEN 'credit' THEN 'no caller: credit or refund' WHEN 'refund' THEN 'no caller: credit or refund' WHEN 'tax' THEN 'no caller: tax' ELSE 'no caller: not inference' END ELSE CASE k.class WHEN 'fee' THEN 'no caller: fee' WHEN 'discount' THEN 'no caller: discount' WHEN 'credit' THEN 'no caller: credit or refund' WHEN 'refund' THEN 'no caller: credit or refund' WHEN 'tax' THEN 'no caller: tax' ELSE 'no caller: column is empty' END END END END,
 CAST(? AS VARCHAR),
 CAST(NULL AS VARCHAR),
 u.code,
 CASE WHEN f.unpriced THEN 'no list price' ELSE '' END,
 CASE WHEN k.counts THEN m.unit END,
 CASE WHEN k.counts THEN m.multiplier ELSE 0 END,
 CAST(sum(f.charges) AS BIGINT),
 CAST(sum(f.unblended_hi) AS VARCHAR),
 CAST(sum(f.unblended_rest) AS VARCHAR),
 CAST(sum(f.cost_hi) AS VARCHAR),
 CAST(sum(f.cost_rest) AS VARCHAR),
 CAST(sum(f.quantity_hi) AS VARCHAR),
 CAST(sum(f.quantity_rest) AS VARCHAR)
FROM (SELECT x.caller_id AS w_id, x.meter_id AS m_id, x.charge_type_id AS k_id, x.currency_id AS u_id, x.list_hi IS NULL AS unpriced, count(*) AS charges, sum(x.unblended_hi) AS unblended_hi, sum(x.unblended_rest) AS unblended_rest, sum(x.list_hi) + sum(x.unblended_hi) AS cost_hi, sum(x.list_rest) + sum(x.unblended_rest) AS cost_rest, sum(x.quantity_hi) AS quantity_hi, sum(x.quantity_rest) AS quantity_rest
 FROM s1.fact x
 WHERE x.day >= CAST(? AS DATE) AND x.day < CAST(? AS DATE) AND x.meter_id IN (SELECT meter_id FROM dims.meter m WHERE m.ai) AND x.charge_type_id IN (SELECT charge_type_id FROM dims.charge_type k WHERE (nullif(k.class, '') IS NOT NULL AND (nullif(k.class, '') IN (?, ?))))
 GROUP BY 1, 2, 3, 4, 5) f
LEFT JOIN (SELECT caller_id, who FROM callers_s1 w) w ON w.caller_id = f.w_id
LEFT JOIN (SELECT meter_id, ai, known, inference, unit, multiplier FROM dims.meter m) m ON m.meter_id = f.m_id
LEFT JOIN (SELECT charge_type_id, class, counts FROM dims.charge_type k) k ON k.charge_type_id = f.k_id
LEFT JOIN (SELECT currency_id, code FROM dims.currency u) u ON u.currency_id = f.u_id
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
-- 2026-10
-- 2026-10-04
-- 2026-10-10
-- usage
-- tax
