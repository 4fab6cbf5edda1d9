CREATE TABLE memory.main.has_caller_s1 AS SELECT id::INTEGER AS id, least(id, 1)::INTEGER AS one FROM range(0, (SELECT greatest(coalesce(max(caller_id), 0), 1) + 1 FROM s1.caller)) r(id);
CREATE TABLE memory.main.map_eaeb3c0cfde4a3e6_all AS SELECT tagset_id AS id, dense_rank() OVER (ORDER BY value) AS one, value FROM (SELECT tagset_id, value FROM dims.tag t0 WHERE source = ? AND name = ?);
CREATE TABLE memory.main.map_eaeb3c0cfde4a3e6_v AS SELECT DISTINCT one::INTEGER AS one, value FROM memory.main.map_eaeb3c0cfde4a3e6_all;
CREATE TABLE memory.main.map_eaeb3c0cfde4a3e6 AS SELECT r.id::INTEGER AS id, coalesce(a.one, 0)::INTEGER AS one FROM range(0, (SELECT coalesce(max(tagset_id), 0) + 1 FROM dims.tagset)) r(id) LEFT JOIN memory.main.map_eaeb3c0cfde4a3e6_all a ON a.id = r.id ORDER BY 1;
DROP TABLE memory.main.map_eaeb3c0cfde4a3e6_all;
CREATE TABLE memory.main.map_ce3e7262cda269e0_all AS SELECT meter_id AS id, dense_rank() OVER (ORDER BY ai, known, inference, unit, multiplier) AS one, ai, known, inference, unit, multiplier FROM (SELECT meter_id, ai, known, inference, unit, multiplier FROM dims.meter m);
CREATE TABLE memory.main.map_ce3e7262cda269e0_v AS SELECT DISTINCT one::INTEGER AS one, ai, known, inference, unit, multiplier FROM memory.main.map_ce3e7262cda269e0_all;
CREATE TABLE memory.main.map_ce3e7262cda269e0 AS SELECT r.id::INTEGER AS id, coalesce(a.one, 0)::INTEGER AS one FROM range(0, (SELECT coalesce(max(meter_id), 0) + 1 FROM dims.meter)) r(id) LEFT JOIN memory.main.map_ce3e7262cda269e0_all a ON a.id = r.id ORDER BY 1;
DROP TABLE memory.main.map_ce3e7262cda269e0_all;
SELECT f.day,
 t0.value,
 CASE WHEN t0.value IS NULL THEN CASE WHEN f.has_caller = 0 THEN CASE WHEN NOT m.ai THEN 'not AI' WHEN m.known AND NOT m.inference THEN CASE k.class WHEN 'fee' THEN 'no caller: fee' WHEN 'discount' THEN 'no caller: discount' WHEN 'credit' THEN 'no caller: credit or refund' WHEN 'refund' THEN 'no caller: credit or refund' WHEN 'tax' THEN 'no caller: tax' ELSE 'no caller: not inference' END ELSE CASE k.class WHEN 'fee' THEN 'no caller: fee' WHEN 'discount' THEN 'no caller: discount' WHEN 'credit' THEN 'no caller: credit or refund' WHEN 'refund' THEN 'no caller: credit or refund' WHEN 'tax' THEN 'no caller: tax' ELSE 'no caller: no caller column' END END ELSE CASE WHEN f.early_t0 THEN 'not seen yet' ELSE 'untagged' END END END,
 CAST(? AS VARCHAR),
 CAST(NULL AS VARCHAR),
 nullif(a.account, ''),
 CASE WHEN nullif(a.account, '') IS NULL THEN 'no account' END,
 CAST(? AS VARCHAR),
 '',
 CASE WHEN k.counts THEN m.unit END,
 CASE WHEN k.counts THEN m.multiplier ELSE 0 END,
 CAST(sum(f.charges) AS BIGINT),
 CAST(sum(f.unblended_hi) AS VARCHAR),
 CAST(sum(f.unblended_rest) AS VARCHAR),
 CAST(sum(f.quantity_hi) AS VARCHAR),
 CAST(sum(f.quantity_rest) AS VARCHAR)
FROM (SELECT t0.one AS t0_id, m.one AS m_id, x.charge_type_id AS k_id, x.account_id AS a_id, x.day AS day, x.day < CAST(? AS DATE) AS early_t0, has.one AS has_caller, count(*) AS charges, sum(x.unblended_hi) AS unblended_hi, sum(x.unblended_rest) AS unblended_rest, sum(x.quantity_hi) AS quantity_hi, sum(x.quantity_rest) AS quantity_rest
 FROM s1.fact x
 JOIN memory.main.map_eaeb3c0cfde4a3e6 t0 ON t0.id = x.tagset_id
 JOIN (SELECT id, one FROM memory.main.map_ce3e7262cda269e0 WHERE id IN (SELECT meter_id FROM dims.meter m WHERE m.ai)) m ON m.id = x.meter_id
 JOIN memory.main.has_caller_s1 has ON has.id = x.caller_id
 GROUP BY 1, 2, 3, 4, 5, 6, 7) f
LEFT JOIN memory.main.map_eaeb3c0cfde4a3e6_v t0 ON t0.one = f.t0_id
LEFT JOIN memory.main.map_ce3e7262cda269e0_v m ON m.one = f.m_id
LEFT JOIN (SELECT charge_type_id, class, counts FROM dims.charge_type k) k ON k.charge_type_id = f.k_id
LEFT JOIN (SELECT account_id, account FROM dims.account a) a ON a.account_id = f.a_id
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
-- 111122223333
-- USD
-- 2026-10-10
