SELECT CAST(NULL AS DATE),
 CASE WHEN m.ai THEN nullif(m.model, '') END,
 CASE WHEN CASE WHEN m.ai THEN nullif(m.model, '') END IS NULL THEN CASE WHEN NOT m.ai THEN 'not AI' WHEN m.known THEN CASE k.class WHEN 'fee' THEN 'no model: fee' WHEN 'discount' THEN 'no model: discount' WHEN 'credit' THEN 'no model: credit or refund' WHEN 'refund' THEN 'no model: credit or refund' WHEN 'tax' THEN 'no model: tax' ELSE 'no model' END ELSE CASE k.class WHEN 'fee' THEN 'no model: fee' WHEN 'discount' THEN 'no model: discount' WHEN 'credit' THEN 'no model: credit or refund' WHEN 'refund' THEN 'no model: credit or refund' WHEN 'tax' THEN 'no model: tax' ELSE 'unclassified' END END END,
 CAST(? AS VARCHAR),
 '',
 CASE WHEN k.counts THEN m.unit END,
 CASE WHEN k.counts THEN m.multiplier ELSE 0 END,
 CAST(sum(f.charges) AS BIGINT),
 CAST(sum(f.unblended_hi) AS VARCHAR),
 CAST(sum(f.unblended_rest) AS VARCHAR),
 CAST(sum(f.quantity_hi) AS VARCHAR),
 CAST(sum(f.quantity_rest) AS VARCHAR)
FROM (SELECT x.meter_id AS m_id, x.charge_type_id AS k_id, count(*) AS charges, sum(x.unblended_hi) AS unblended_hi, sum(x.unblended_rest) AS unblended_rest, sum(x.quantity_hi) AS quantity_hi, sum(x.quantity_rest) AS quantity_rest
 FROM s1.fact x
 WHERE x.meter_id IN (SELECT meter_id FROM dims.meter m WHERE m.ai)
 GROUP BY 1, 2) f
LEFT JOIN (SELECT meter_id, ai, model, known, unit, multiplier FROM dims.meter m) m ON m.meter_id = f.m_id
LEFT JOIN (SELECT charge_type_id, class, counts FROM dims.charge_type k) k ON k.charge_type_id = f.k_id
GROUP BY 1, 2, 3, 4, 5, 6, 7
-- USD
