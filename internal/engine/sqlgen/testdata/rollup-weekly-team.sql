SELECT f.week,
 t0.value,
 CASE WHEN t0.value IS NULL THEN CASE WHEN f.has_caller = 0 THEN CASE WHEN NOT m.ai THEN 'not AI' WHEN m.known AND NOT m.inference THEN CASE k.class WHEN 'fee' THEN 'no caller: fee' WHEN 'discount' THEN 'no caller: discount' WHEN 'credit' THEN 'no caller: credit or refund' WHEN 'refund' THEN 'no caller: credit or refund' WHEN 'tax' THEN 'no caller: tax' ELSE 'no caller: not inference' END ELSE CASE k.class WHEN 'fee' THEN 'no caller: fee' WHEN 'discount' THEN 'no caller: discount' WHEN 'credit' THEN 'no caller: credit or refund' WHEN 'refund' THEN 'no caller: credit or refund' WHEN 'tax' THEN 'no caller: tax' ELSE 'no caller: column is empty' END END ELSE 'not seen yet' END END,
 w.principal,
 CASE WHEN w.principal IS NULL THEN CASE WHEN f.w_id > 0 THEN 'no principal' ELSE CASE WHEN NOT m.ai THEN 'not AI' WHEN m.known AND NOT m.inference THEN CASE k.class WHEN 'fee' THEN 'no caller: fee' WHEN 'discount' THEN 'no caller: discount' WHEN 'credit' THEN 'no caller: credit or refund' WHEN 'refund' THEN 'no caller: credit or refund' WHEN 'tax' THEN 'no caller: tax' ELSE 'no caller: not inference' END ELSE CASE k.class WHEN 'fee' THEN 'no caller: fee' WHEN 'discount' THEN 'no caller: discount' WHEN 'credit' THEN 'no caller: credit or refund' WHEN 'refund' THEN 'no caller: credit or refund' WHEN 'tax' THEN 'no caller: tax' ELSE 'no caller: column is empty' END END END END,
 CAST(? AS VARCHAR),
 '',
 CAST(NULL AS VARCHAR),
 CAST(0 AS BIGINT),
 CAST(sum(f.charges) AS BIGINT),
 CAST(sum(f.unblended_hi) AS VARCHAR),
 CAST(sum(f.unblended_rest) AS VARCHAR)
FROM (SELECT x.tagset_id AS t0_id, x.meter_id AS m_id, x.charge_type_id AS k_id, x.caller_id AS w_id, CAST(date_trunc('week', x.day) AS DATE) AS week, least(x.caller_id, 1) AS has_caller, sum(x.charges) AS charges, sum(x.unblended_hi) AS unblended_hi, sum(x.unblended_rest) AS unblended_rest
 FROM s1.roll_day x
 WHERE x.meter_id IN (SELECT meter_id FROM dims.meter m WHERE m.ai)
 GROUP BY 1, 2, 3, 4, 5, 6) f
LEFT JOIN (SELECT tagset_id, value FROM dims.tag t0 WHERE source = ? AND name = ?) t0 ON t0.tagset_id = f.t0_id
LEFT JOIN (SELECT meter_id, ai, known, inference FROM dims.meter m) m ON m.meter_id = f.m_id
LEFT JOIN (SELECT charge_type_id, class FROM dims.charge_type k) k ON k.charge_type_id = f.k_id
LEFT JOIN (SELECT caller_id, principal FROM callers_s1 w) w ON w.caller_id = f.w_id
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
-- USD
-- iamPrincipal
-- team
