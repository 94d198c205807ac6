/**
 * The schema, one entry per version, applied in order. A released entry is never changed: add another one.
 *
 * The SQL is text in a module and not in .sql files, because tsc copies only its own output to dist. Every statement
 * may run twice. `ReplacingMergeTree(` is written literally and is the only part that differs on a replicated server
 * (see forEngine).
 *
 * Tables `stored_*` hold the rows as written, perhaps several times. Views with the plain names show each key once
 * (FINAL); people query the views.
 */
export const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE IF NOT EXISTS stored_predictions (
      campaign LowCardinality(String), round UInt32, target LowCardinality(String), material_id String,
      partition UInt16, mean Float64, std Float64, member_values Array(Float64), observed Nullable(Float64),
      epoch UInt64
    ) ENGINE = ReplacingMergeTree(epoch) ORDER BY (campaign, round, target, material_id)`,
    `CREATE TABLE IF NOT EXISTS stored_prediction_partitions (
      campaign LowCardinality(String), round UInt32, partition UInt16, snapshot_hash String, epoch UInt64
    ) ENGINE = ReplacingMergeTree(epoch) ORDER BY (campaign, round, partition)`,
    `CREATE TABLE IF NOT EXISTS stored_prediction_summaries (
      campaign LowCardinality(String), round UInt32, target LowCardinality(String), partition UInt16,
      predictions UInt64, mean Float64, std Float64, std_max Float64, epoch UInt64
    ) ENGINE = ReplacingMergeTree(epoch) ORDER BY (campaign, round, target, partition)`,
    `CREATE TABLE IF NOT EXISTS stored_members (
      campaign LowCardinality(String), round UInt32, target LowCardinality(String), member UInt16, model_hash String,
      held_out UInt32, mae Nullable(Float64), rmse Nullable(Float64), r2 Nullable(Float64), seconds Float64,
      engine_fingerprint LowCardinality(String), epoch UInt64
    ) ENGINE = ReplacingMergeTree(epoch) ORDER BY (campaign, round, target, member)`,
    `CREATE TABLE IF NOT EXISTS stored_rounds (
      campaign LowCardinality(String), round UInt32, labels UInt32, added UInt32, seconds Float64,
      snapshot_hash String, epoch UInt64
    ) ENGINE = ReplacingMergeTree(epoch) ORDER BY (campaign, round)`,
    `CREATE TABLE IF NOT EXISTS stored_round_metrics (
      campaign LowCardinality(String), round UInt32, target LowCardinality(String), subset LowCardinality(String),
      materials UInt32, mae Nullable(Float64), rmse Nullable(Float64), r2 Nullable(Float64),
      mae_stdev Nullable(Float64), epoch UInt64
    ) ENGINE = ReplacingMergeTree(epoch) ORDER BY (campaign, round, target, subset)`,
    `CREATE TABLE IF NOT EXISTS stored_selections (
      campaign LowCardinality(String), round UInt32, rank UInt32, material_id String, score Float64, why String,
      epoch UInt64
    ) ENGINE = ReplacingMergeTree(epoch) ORDER BY (campaign, round, rank)`,
    `CREATE TABLE IF NOT EXISTS stored_rejections (
      id String, source String, locator Nullable(String), code LowCardinality(String), message String,
      material_id Nullable(String)
    ) ENGINE = ReplacingMergeTree() ORDER BY id`,
    ...['predictions', 'prediction_partitions', 'members', 'rounds', 'round_metrics', 'selections', 'rejections'].map(
      (name) => `CREATE OR REPLACE VIEW ${name} AS SELECT * FROM stored_${name} FINAL`,
    ),
    `CREATE OR REPLACE VIEW prediction_summaries AS
      SELECT campaign, round, target, sum(predictions) AS predictions,
        sum(s.predictions * s.mean) / sum(s.predictions) AS mean, sum(s.predictions * s.std) / sum(s.predictions) AS std,
        max(s.std_max) AS std_max
      FROM stored_prediction_summaries AS s FINAL GROUP BY campaign, round, target`,
  ],
  [
    `CREATE TABLE IF NOT EXISTS stored_positions (
      topic LowCardinality(String), partition UInt16, next UInt64, last_offset UInt64, last_id String
    ) ENGINE = ReplacingMergeTree() ORDER BY (topic, partition)`,
  ],
  // The views name columns as all other outputs do. The tables keep their columns, so that older nodes can still write.
  [
    `CREATE OR REPLACE VIEW predictions AS
      SELECT campaign, round, target, material_id, partition, mean, std AS stdev, member_values,
        observed AS calculated, epoch
      FROM stored_predictions FINAL`,
    `CREATE OR REPLACE VIEW prediction_summaries AS
      SELECT campaign, round, target, sum(predictions) AS predictions,
        sum(s.predictions * s.mean) / sum(s.predictions) AS mean,
        sum(s.predictions * s.std) / sum(s.predictions) AS stdev, max(s.std_max) AS stdev_max
      FROM stored_prediction_summaries AS s FINAL GROUP BY campaign, round, target`,
  ],
  [
    `CREATE TABLE IF NOT EXISTS stored_calibrations (
      campaign LowCardinality(String), round UInt32, target LowCardinality(String),
      material_group LowCardinality(String), materials UInt32, scale Nullable(Float64), scale_low Nullable(Float64),
      scale_high Nullable(Float64), quantile_68 Nullable(Float64), quantile_90 Nullable(Float64),
      quantile_95 Nullable(Float64), epoch UInt64
    ) ENGINE = ReplacingMergeTree(epoch) ORDER BY (campaign, round, target, material_group)`,
    `CREATE TABLE IF NOT EXISTS stored_uncertainty (
      campaign LowCardinality(String), round UInt32, target LowCardinality(String), subset LowCardinality(String),
      material_group LowCardinality(String), level Float64, materials UInt32,
      raw_coverage Nullable(Float64), raw_coverage_low Nullable(Float64), raw_coverage_high Nullable(Float64),
      raw_width Nullable(Float64),
      scaled_coverage Nullable(Float64), scaled_coverage_low Nullable(Float64), scaled_coverage_high Nullable(Float64),
      scaled_width Nullable(Float64),
      conformal_coverage Nullable(Float64), conformal_coverage_low Nullable(Float64), conformal_coverage_high Nullable(Float64),
      conformal_width Nullable(Float64),
      mean_squared_z Nullable(Float64), mean_squared_z_low Nullable(Float64), mean_squared_z_high Nullable(Float64),
      scaled_mean_squared_z Nullable(Float64), scaled_mean_squared_z_low Nullable(Float64),
      scaled_mean_squared_z_high Nullable(Float64), rank_correlation Nullable(Float64), epoch UInt64
    ) ENGINE = ReplacingMergeTree(epoch) ORDER BY (campaign, round, target, subset, material_group, level)`,
    ...['calibrations', 'uncertainty'].map(
      (name) => `CREATE OR REPLACE VIEW ${name} AS SELECT * FROM stored_${name} FINAL`,
    ),
  ],
];

/** All views and tables of the migrations, in an order in which they can be dropped. */
export const VIEWS = [
  'prediction_summaries',
  'predictions',
  'prediction_partitions',
  'members',
  'rounds',
  'round_metrics',
  'calibrations',
  'uncertainty',
  'selections',
  'rejections',
] as const;
export const TABLES = [
  'stored_predictions',
  'stored_prediction_partitions',
  'stored_prediction_summaries',
  'stored_members',
  'stored_rounds',
  'stored_round_metrics',
  'stored_calibrations',
  'stored_uncertainty',
  'stored_selections',
  'stored_rejections',
  'stored_positions',
] as const;

/**
 * Groups of tables that are filled together, by the table that notes their progress. If one table of a group is lost,
 * its notes are void.
 */
export const NOTED_IN: Readonly<Partial<Record<(typeof TABLES)[number], readonly (typeof TABLES)[number][]>>> = {
  stored_positions: [
    'stored_members',
    'stored_rounds',
    'stored_round_metrics',
    'stored_calibrations',
    'stored_uncertainty',
    'stored_selections',
    'stored_rejections',
  ],
  stored_prediction_partitions: ['stored_predictions', 'stored_prediction_summaries'],
};

/**
 * The applied versions. The shape of this table can never change, because every version of elastream reads it first.
 */
export const VERSION_TABLE = `CREATE TABLE IF NOT EXISTS schema_versions (
  version UInt32, applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree() ORDER BY version`;

export type TableEngine = 'ReplacingMergeTree' | 'ReplicatedReplacingMergeTree';

/** Returns the statement for this table engine. Replicas find each other by the server's default_replica_path. */
export function forEngine(statement: string, engine: TableEngine): string {
  return statement.replace('ReplacingMergeTree(', `${engine}(`);
}
