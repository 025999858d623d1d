-- What came of shown cases, by lane: reach of who was approached, help of who was reached, with Wilson intervals.
WITH counted AS (
  SELECT month[:4] || 'Q' || ((month[6:]::INTEGER + 2) // 3) AS quarter,
    if(lane = 'crisis', 'alleen crisis', 'met andere partner') AS lane, count(*) AS shown_count,
    count(*) FILTER (approach = 'benaderd') AS approached_count, count(*) FILTER (reach = 'bereikt') AS reached_count,
    count(*) FILTER (acceptance = 'hulp aanvaard') AS accepted_count
  FROM work.cases WHERE standing = 'getoond' GROUP BY ALL
)
SELECT quarter, lane, shown_count, approached_count, reached_count, accepted_count,
  (reached_count / nullif(approached_count, 0))::DOUBLE AS reach_share,
  if(approached_count > 0, greatest(0, ((reached_count + 1.9208) - 1.96 * sqrt(
    reached_count * (approached_count - reached_count) / approached_count + 0.9604)) / (approached_count + 3.8416)), NULL)::DOUBLE AS reach_low,
  if(approached_count > 0, least(1, ((reached_count + 1.9208) + 1.96 * sqrt(
    reached_count * (approached_count - reached_count) / approached_count + 0.9604)) / (approached_count + 3.8416)), NULL)::DOUBLE AS reach_high,
  (accepted_count / nullif(reached_count, 0))::DOUBLE AS accepted_share
FROM counted ORDER BY quarter, lane
