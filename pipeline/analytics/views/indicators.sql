-- Every indicator of every period: its cells added up, divided, and its interval. Wilson (1927), z = 1.96.
-- Per 1,000 inhabitants only by month: three months added up would stand beside the monthly figure of elsewhere.
-- A category that its topic did not have yet when a period was published is there without a row: nobody is in it.
-- Counts of signals and of what became of them may be of two editions; no share is made where they contradict.
WITH wanted AS (
  SELECT indicator, group_code, side, count(DISTINCT topic) AS topic_count FROM {schema}.indicator_cells GROUP BY ALL
), found AS (
  SELECT c.indicator, c.group_code, c.side, n.period_kind, n.period, count(DISTINCT n.topic) AS topic_count,
    count(*) AS cell_count, count(n.item_count) AS known_count, sum(n.item_count)::BIGINT AS item_count
  FROM {schema}.indicator_cells c JOIN {schema}.counts n USING (subject, topic, category) GROUP BY ALL
), sums AS (
  SELECT indicator, group_code, period_kind, period,
    max(item_count) FILTER (side = 'part') AS part_count, max(item_count) FILTER (side = 'whole') AS whole_count
  FROM found JOIN wanted USING (indicator, group_code, side, topic_count) WHERE known_count = cell_count GROUP BY ALL
), valued AS (
  SELECT d.indicator, d.group_code, d.name, d.kind, s.period_kind, s.period, s.part_count,
    if(d.kind = 'per_1000', a.inhabitants, s.whole_count)::BIGINT AS whole_count, d.national_value
  FROM sums s JOIN {schema}.indicator_definitions d USING (indicator, group_code)
  LEFT JOIN {schema}.areas a ON a.code = if(d.area_code = 'alle', (SELECT gemeentecode FROM {schema}.snapshot), d.area_code)
  WHERE s.part_count IS NOT NULL
)
SELECT indicator, group_code, name, kind, period_kind, period, part_count, whole_count,
  CASE kind WHEN 'count' THEN part_count WHEN 'per_1000' THEN 1000 * part_count / nullif(whole_count, 0)
    ELSE part_count / nullif(whole_count, 0) END::DOUBLE AS indicator_value,
  if(kind = 'share' AND whole_count > 0, greatest(0, ((part_count + 1.9208) - 1.96 * sqrt(
    part_count * (whole_count - part_count) / whole_count + 0.9604)) / (whole_count + 3.8416)), NULL)::DOUBLE AS value_low,
  if(kind = 'share' AND whole_count > 0, least(1, ((part_count + 1.9208) + 1.96 * sqrt(
    part_count * (whole_count - part_count) / whole_count + 0.9604)) / (whole_count + 3.8416)), NULL)::DOUBLE AS value_high,
  national_value
FROM valued
WHERE (kind = 'count' OR whole_count > 0) AND (kind <> 'share' OR part_count <= whole_count) AND (kind <> 'per_1000' OR period_kind = 'month')
ORDER BY indicator, group_code, period_kind, period
