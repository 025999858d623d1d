-- Each later period beside the baseline: the difference and its interval by Newcombe (1998, method 10) from two
-- Wilson intervals. Always a difference, never an effect: which case had which approach is not recorded, so nothing
-- here compares two arms, whatever the design says.
WITH based AS (
  SELECT label, design, indicator, group_code, part_count, whole_count, period_kind, until_period
  FROM {schema}.baseline WHERE part_count IS NOT NULL
  UNION ALL
  SELECT b.label, b.design, i.indicator, i.group_code, sum(i.part_count)::BIGINT, sum(i.whole_count)::BIGINT,
    b.period_kind, b.until_period
  FROM {schema}.baseline b JOIN {schema}.indicators i
    ON i.kind = 'share' AND i.period_kind = b.period_kind AND i.period BETWEEN b.from_period AND b.until_period
  WHERE b.part_count IS NULL GROUP BY ALL
), bounded AS (
  SELECT *, part_count / whole_count AS value,
    ((part_count + 1.9208) - 1.96 * sqrt(part_count * (whole_count - part_count) / whole_count + 0.9604))
      / (whole_count + 3.8416) AS low,
    ((part_count + 1.9208) + 1.96 * sqrt(part_count * (whole_count - part_count) / whole_count + 0.9604))
      / (whole_count + 3.8416) AS high
  FROM based WHERE whole_count > 0
), compared AS (
  SELECT i.indicator, i.group_code, i.name, b.label, b.design, i.period_kind, i.period, i.indicator_value,
    b.value AS baseline_value, i.indicator_value - b.value AS difference,
    i.indicator_value - b.value - sqrt((i.indicator_value - i.value_low) ** 2 + (b.high - b.value) ** 2) AS difference_low,
    i.indicator_value - b.value + sqrt((i.value_high - i.indicator_value) ** 2 + (b.value - b.low) ** 2) AS difference_high
  FROM bounded b JOIN {schema}.indicators i
    ON i.indicator = b.indicator AND i.group_code = b.group_code AND i.period_kind = b.period_kind
    AND (b.until_period IS NULL OR i.period > b.until_period)
)
SELECT indicator, group_code, name, label, period_kind, period, indicator_value::DOUBLE AS indicator_value,
  baseline_value::DOUBLE AS baseline_value, difference::DOUBLE AS difference,
  difference_low::DOUBLE AS difference_low, difference_high::DOUBLE AS difference_high,
  CASE WHEN difference_low > 0 THEN 'hoger' WHEN difference_high < 0 THEN 'lager' ELSE 'geen duidelijk verschil' END AS verdict,
  'verschil' AS word
FROM compared
ORDER BY indicator, group_code, label, period
