SELECT CAST(NULL AS DATE),
 CAST(? AS VARCHAR),
 '',
 CASE WHEN k.counts THEN m.unit END,
 CASE WHEN k.counts THEN m.multiplier ELSE 0 END,
 CAST(sum(f.charges) AS BIGINT),
 CAST(sum(f.unblended_hi) AS VARCHAR),
 CAST(sum(f.unblended_rest) AS VARCHAR),
 CAST(sum(f.quantity_hi) AS VARCHAR),
 CAST(sum(f.quantity_rest) AS VARCHAR)
FROM (SELECT x.charge_type_id AS k_id, x.meter_id AS m_id, count(*) AS charges, sum(x.unblended_hi) AS unblended_hi, sum(x.unblended_rest) AS unblended_rest, sum(x.quantity_hi) AS quantity_hi, sum(x.quantity_rest) AS quantity_rest
 FROM s1.fact x
 GROUP BY 1, 2) f
LEFT JOIN (SELECT charge_type_id, counts FROM dims.charge_type k) k ON k.charge_type_id = f.k_id
LEFT JOIN (SELECT meter_id, unit, multiplier FROM dims.meter m) m ON m.meter_id = f.m_id
GROUP BY 1, 2, 3, 4, 5
-- USD
