// Made by "python -m telemap.web.typescript" from the shapes in Python; not to be edited.

export interface Blocks {
  schemaVersion: number;
  staleAcceptances?: Stale[];
  handlers: HandlerName[];
  leftOut: number;
  startTime: string | null;
  endTime: string | null;
  parts: number;
  partMs: number;
  builds: BuildStart[];
  handler: number[];
  part: number[];
  executions: number[];
  errors: number[];
  p50Ms: (number | null)[];
  p95Ms: (number | null)[];
  maxMs: (number | null)[];
  sources: string[];
  source: number[];
  line: number[];
  build: string | null;
}

export interface Build {
  build: string | null;
  service: string | null;
  runs: number;
  errors: number;
  window: Window | null;
}

export interface BuildStart {
  build: string;
  startTime: string;
}

export interface BuildTimes {
  build: string | null;
  executions: number;
  untimed: number;
  errors: number;
  firstSeen: string | null;
  lastSeen: string | null;
  min: number | null;
  max: number | null;
  avg: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  counts: number[];
}

export interface BuildUse {
  build: string | null;
  service: string | null;
  executions: number;
  errors: number;
  firstSeen: string | null;
  lastSeen: string | null;
}

export interface Changed {
  functionName: string;
  filePath: string;
  lineNumber: number;
  change: "added" | "changed" | "removed";
  tested: boolean | null;
  tests: string[];
}

export interface Code {
  filePath: string;
  lineNumber: number;
  functionName: string;
  confidence: number;
  evidence: string;
  commitId?: string;
}

export interface Course {
  beats: string[];
  count: number;
  isConforming: boolean | null;
  meanMs: number | null;
  firstSeen: string | null;
  lastSeen: string | null;
  marks: Mark[];
}

export interface Coverage {
  schemaVersion: number;
  staleAcceptances?: Stale[];
  handlers: HandlerCoverage[];
  hotPaths: HotPath[];
  found: Finding[];
  summary: CoverageShapesSummary;
  isTestedKnown: boolean;
  build: string | null;
}

export interface CriticalPaths {
  paths: number;
  totalMs: number;
  ambiguous: number;
  orphaned: number;
  cyclic: number;
  skewed: number;
  clamped: number;
}

export interface Cycle {
  nodes: string[];
  isObserved: boolean;
}

export interface Defined {
  filePath: string;
  lineNumber: number;
}

export interface Deviation {
  id: string;
  kind: string;
  severity: Severity;
  title: string;
  reason: string;
  accepted: string | null;
  handler: string | null;
  count: number;
  firstSeen: string | null;
  lastSeen: string | null;
  code: Code | null;
  examples: Place[];
  sequenceId: string | null;
  topic: string | null;
  plugin: string | null;
  movement: string | null;
  beat: number | null;
  step: number | null;
  event: string | null;
  expected: string | null;
  observed: string | null;
  share: number | null;
  costMs: number | null;
  definedIn: Defined | null;
}

export interface DrawnFlows {
  schemaVersion: number;
  staleAcceptances?: Stale[];
  sequences: DrawnSequence[];
  periodMs: number | null;
  build: string | null;
}

export interface DrawnNode {
  id: string;
  kind: "choice" | "cut-end" | "cut-start" | "end" | "event" | "failed" | "gate" | "missing" | "start" | "step";
  event: string | null;
  step: number | null;
  beat: number | null;
  movement: string | null;
  title: string | null;
  handler: string | null;
  timing: string | null;
  runs: number;
  visits: number;
  p50Ms: number | null;
  p95Ms: number | null;
  code: Code | null;
  definedIn: Defined | null;
}

export interface DrawnSequence {
  sequenceId: string;
  runs: number;
  undrawn: number;
  nodes: DrawnNode[];
  ways: DrawnWay[];
  courses: Course[];
  periods: Period[];
  longest: LongRun[];
  sources: SeenIn[];
}

export interface DrawnWay {
  source: string;
  target: string;
  kind: "cut" | "declared" | "deviating";
  count: number;
  runs: number;
  share: number;
}

export interface Edge {
  source: string;
  target: string;
  kinds: ("call" | "next" | "state" | "static" | "topic")[];
  layer: "both" | "observed" | "static";
  count: number;
  share: number | null;
  p50Ms: number | null;
  p95Ms: number | null;
  errorRate: number | null;
  seen: Seen[];
  calls: StaticCall[];
  isUnexplained: boolean;
}

export interface Finding {
  id: string;
  kind: string;
  severity: Severity;
  title: string;
  reason: string;
  accepted: string | null;
  handler: string | null;
  count: number;
  firstSeen: string | null;
  lastSeen: string | null;
  code: Code | null;
  examples: Place[];
  sequenceId: string | null;
}

export interface Flows {
  schemaVersion: number;
  staleAcceptances?: Stale[];
  sequences: Sequence[];
  topics: Topic[];
  routing: Deviation[];
  summary: FlowShapesSummary;
  build: string | null;
}

export interface Found {
  analysis: string;
  finding: Finding;
}

export interface Function {
  name: string;
  lineNumber: number;
  endLineNumber: number;
}

export interface Gap {
  kind: string;
  reason: string;
  source: string | null;
  window: Window | null;
}

export interface Gaps {
  orphans: number;
  circular: number;
  nameless: number;
  negative: number;
  early: number;
}

export interface Graph {
  schemaVersion: number;
  staleAcceptances?: Stale[];
  nodeKind: "handler" | "module" | "sequence" | "service" | "topic";
  build: string | null;
  focus: string | null;
  nodes: Node[];
  edges: Edge[];
  cycles: Cycle[];
  hubs: Hub[];
  singlePoints: SinglePoint[];
  impact: Impact | null;
  criticalPaths: CriticalPaths | null;
  isIndexed: boolean;
  summary: GraphShapesSummary;
}

export interface HandlerCoverage {
  name: string;
  plugin: string | null;
  service: string | null;
  code: Code | null;
  executions: number;
  errors: number;
  tested: boolean | null;
  quadrant: "neither" | "production-and-test" | "production-only" | "test-only";
  firstSeen: string | null;
  lastSeen: string | null;
  notSeenConfidence: number | null;
  reason: string | null;
  expectedExecutions: number | null;
  testEvidence: "case" | "definition" | "lines" | null;
  tests: string[];
  executedLines: number | null;
  measuredLines: number | null;
  changes: number | null;
  risk: number | null;
  builds: BuildUse[];
  sequences: string[];
  registered: string[];
  definedIn: Defined | null;
}

export interface HandlerExecutions {
  schemaVersion: number;
  staleAcceptances?: Stale[];
  handlers: HandlerName[];
  executions: number;
  errors: number;
  edgesMs: number[];
  builds: BuildTimes[];
  slowest: HandlerRun[];
  failed: HandlerRun[];
}

export interface HandlerHeat {
  name: string;
  plugin: string | null;
  executions: number;
  errors: number;
  timing: Timing | null;
  totalTime: number;
  selfTime: number;
  sourceFile: string | null;
  code: Code | null;
  heat: number;
  sequences: string[];
  untimedExecutions: number;
  service: string | null;
}

export interface HandlerName {
  name: string;
  plugin: string | null;
  service: string | null;
  code: Code | null;
}

export interface HandlerRun {
  traceId: string;
  spanId: string;
  startTime: string | null;
  durationMs: number | null;
  status: string;
  statusMessage: string | null;
  log: Place | null;
  build: string | null;
}

export interface Heatmap {
  schemaVersion: number;
  staleAcceptances?: Stale[];
  handlers: HandlerHeat[];
  summary: HeatmapSummary;
  orderedBy: "avg" | "max" | "p95" | "self" | "total";
  build: string | null;
}

export interface HotPath {
  sequenceId: string;
  runs: number;
  share: number;
  handlers: string[];
}

export interface Hub {
  node: string;
  fanIn: number;
  runs: number;
}

export interface Impact {
  since: string;
  functions: Changed[];
  handlers: Reached[];
  sequences: ReachedSequence[];
  tests: string[];
  runs: number;
  share: number;
}

export interface Limit {
  step: number | null;
  event: string | null;
  quantile: number | null;
  limitMs: number;
  observedMs: number;
  executions: number;
  over: number;
  isBroken: boolean;
  isSetting: boolean;
  definedIn: Defined;
}

export interface LimitCounts {
  checked: number;
  broken: number;
}

export interface LogPage {
  schemaVersion: number;
  staleAcceptances?: Stale[];
  source: string;
  firstLine: number;
  lastLine: number;
  records: Record[];
}

export interface LongRun {
  traceId: string;
  startTime: string;
  durationMs: number;
  isFailed: boolean;
  place: Place | null;
}

export interface Mark {
  kind: string;
  event: string | null;
  observed: string | null;
  position: number | null;
  runs: number;
}

export interface Moment {
  startTime: string;
  runs: number;
  errors: number;
  p95Ms: number | null;
}

export interface Node {
  id: string;
  name: string;
  kind: "handler" | "module" | "sequence" | "service" | "topic";
  plugin: string | null;
  service: string | null;
  sequences: string[];
  code: Code | null;
  runs: number;
  errors: number;
  p50Ms: number | null;
  p95Ms: number | null;
  firstSeen: string | null;
  lastSeen: string | null;
  fanIn: number;
  fanOut: number;
  onPath: OnPath | null;
}

export interface OnPath {
  leastMs: number;
  mostMs: number;
  leastShare: number;
  mostShare: number;
  paths: number;
}

export interface Overview {
  schemaVersion: number;
  staleAcceptances?: Stale[];
  version: string;
  store: string;
  totals: Totals;
  builds: Build[];
  partMs: number | null;
  trend: Moment[];
  found: Found[];
  sources: Source[];
  pages: Page[];
}

export interface Page {
  name: string;
  title: string;
}

export interface Period {
  startTime: string;
  runs: number;
  errors: number;
  p50Ms: number | null;
  p95Ms: number | null;
}

export interface Place {
  source: string;
  line: number;
}

export interface Reached {
  node: string;
  by: "changed" | "observed" | "static";
  through: string | null;
  confidence: number;
  runs: number;
  share: number;
  sequences: string[];
}

export interface ReachedSequence {
  sequence: string;
  runs: number;
  share: number;
}

export interface Record {
  line: number;
  time: string | null;
  severity: string | null;
  event: string | null;
  spanId: string | null;
  text: string | null;
  unparsedReason: string | null;
}

export interface Run {
  traceId: string;
  kind: string;
  name: string | null;
  sequenceId: string | null;
  source: string;
  line: number | null;
  startTime: string;
  offsetMs: number;
  durationMs: number | null;
  status: string;
  inferredBy: string | null;
  causedBy: string | null;
}

export interface Seen {
  kind: "call" | "next" | "state" | "static" | "topic";
  through: string | null;
  count: number;
  share: number;
  p50Ms: number | null;
  p95Ms: number | null;
  errors: number;
  errorRate: number;
  examples: Place[];
}

export interface SeenIn {
  place: Place;
  runs: number;
}

export interface Sequence {
  sequenceId: string;
  name: string | null;
  plugin: string | null;
  definedIn: Defined | null;
  executions: number;
  conforming: number;
  deviating: number;
  incomplete: number;
  unchecked: number;
  neverObserved: boolean;
  isRegistered: boolean | null;
  variants: Variant[];
  limits: Limit[];
  deviations: Deviation[];
}

export interface Session {
  source: string;
  service: string | null;
  build: string | null;
  window: Window;
  durationMs: number;
  runs: number;
  errors: number;
  incomplete: number;
  busyMs: number;
  thinkMs: number;
  pauses: Window[];
}

export type Severity = "error" | "info" | "warning";

export interface SinglePoint {
  node: string;
  sequences: string[];
  services: string[];
  runs: number;
}

export interface Source {
  source: string;
  logFormat: string | null;
  service: string | null;
  build: string | null;
  bytes: number;
  lines: number;
  records: number;
  unparsedRecords: number;
  spans: number;
  ambiguousSpans: number;
  outOfOrder: number;
  clockSteps: number;
  redacted: number;
  assumedTimeZone: string | null;
  window: Window | null;
  skipped: string | null;
}

export interface SourceFile {
  schemaVersion: number;
  staleAcceptances?: Stale[];
  filePath: string;
  root: string;
  language: string | null;
  commitId: string | null;
  forgeUrl: string | null;
  hasChanged: boolean;
  text: string;
  functions: Function[];
}

export interface SpanChange {
  key: string;
  operation: string;
  before: string | null;
  after: string | null;
}

export interface Stale {
  id: string;
  title: string;
  reason: string;
}

export interface StaticCall {
  filePath: string;
  lineNumber: number;
  confidence: number;
  evidence: string;
  through: string | null;
}

export interface Timeline {
  schemaVersion: number;
  staleAcceptances?: Stale[];
  sessions: Session[];
  runs: Run[];
  omittedRuns: number;
  spans: TimelineSpan[];
  trace: TraceSummary | null;
  build: string | null;
}

export interface TimelineLane {
  name: string | null;
  first: number;
  rows: number;
  spans: number;
  errors: number;
  crowded: number;
  startMs: number;
  endMs: number;
  code: Code | null;
}

export interface TimelineLanes {
  schemaVersion: number;
  staleAcceptances?: Stale[];
  by: "handler" | "sequence" | "service" | "session";
  window: Window | null;
  durationMs: number;
  levels: number;
  lanesOfBlock: number;
  buckets: number;
  lanes: TimelineLane[];
  names: (string | null)[];
  overview: TimelineOverview;
  spans: number;
  leftOut: number;
  untimed: number;
}

export interface TimelineMatches {
  schemaVersion: number;
  staleAcceptances?: Stale[];
  by: "handler" | "sequence" | "service" | "session";
  count: number;
  numbers: number[];
}

export interface TimelineOverview {
  spans: number[];
  errors: number[];
}

export interface TimelineSpan {
  spanId: string;
  parentSpanId: string | null;
  traceId: string;
  kind: string;
  name: string | null;
  handler: string | null;
  event: string | null;
  service: string | null;
  depth: number;
  lane: number;
  startTime: string | null;
  offsetMs: number | null;
  durationMs: number | null;
  selfMs: number | null;
  leastPathMs: number;
  mostPathMs: number;
  status: string;
  statusMessage: string | null;
  inferredBy: string | null;
  stateChanges: number;
  source: string;
  lineStart: number | null;
  lineEnd: number | null;
  code: Code | null;
}

export interface TimelineSpans {
  schemaVersion: number;
  staleAcceptances?: Stale[];
  by: "handler" | "sequence" | "service" | "session";
  first: number;
  lane: number[];
  row: number[];
  parent: (number | null)[];
  lostParentId: (string | null)[];
  children: number[][];
  childCount: number[];
  spanId: string[];
  traceId: string[];
  kind: string[];
  name: (string | null)[];
  handler: (string | null)[];
  event: (string | null)[];
  sequence: (string | null)[];
  movement: (string | null)[];
  plugin: (string | null)[];
  service: (string | null)[];
  build: (string | null)[];
  offsetMs: number[];
  durationMs: (number | null)[];
  selfMs: (number | null)[];
  status: string[];
  statusMessage: (string | null)[];
  inferredBy: (string | null)[];
  attributes: { [name: string]: string }[];
  source: string[];
  lineStart: (number | null)[];
  lineEnd: (number | null)[];
  stateChanges: SpanChange[][];
  code: (number | null)[];
  codes: Code[];
}

export interface TimelineTile {
  schemaVersion: number;
  staleAcceptances?: Stale[];
  by: "handler" | "sequence" | "service" | "session";
  level: number;
  index: number;
  block: number;
  startMs: number;
  durationMs: number;
  complete: boolean;
  lane: number[];
  row: number[];
  items: number[];
  skip: number[];
  count: number[];
  longest: number[];
  itemStartMs: number[];
  itemDurationMs: number[];
  name: number[];
  flags: number[];
}

export interface Timing {
  min: number;
  max: number;
  avg: number;
  p50: number;
  p95: number;
  p99: number;
}

export interface Topic {
  topic: string;
  declaredRoutes: number;
  observedRoutes: number;
  publishes: number;
  unrouted: number;
  definedIn: Defined | null;
}

export interface Totals {
  sources: number;
  bytes: number;
  records: number;
  unparsedRecords: number;
  events: number;
  spans: number;
  ambiguousSpans: number;
  outOfOrder: number;
  clockSteps: number;
  redacted: number;
}

export interface TraceSummary {
  traceId: string;
  startTime: string | null;
  durationMs: number;
  spans: number;
  errors: number;
  concurrency: number;
  isAmbiguous: boolean;
}

export interface Variant {
  beats: string[];
  count: number;
  isConforming: boolean | null;
}

export interface Window {
  from: string;
  to: string;
}

export interface CoverageShapesSummary {
  declared: number;
  observed: number;
  productionAndTest: number;
  productionOnly: number;
  testOnly: number;
  neither: number;
  coverage: number | null;
  cannotShow: number;
  testEvidence: { [name: string]: number };
  testUnknown: number;
  unlinked: number;
  executions: number;
  window: Window | null;
  recordedMs: number | null;
  gaps: Gap[];
}

export interface FlowShapesSummary {
  declared: number;
  observed: number;
  validated: number;
  conforming: number;
  deviating: number;
  undeclared: number;
  executions: number;
  unnamedExecutions: number;
  deviations: number;
  limits: LimitCounts;
  window: Window | null;
}

export interface GraphShapesSummary {
  nodes: number;
  edges: number;
  static: number;
  observed: number;
  both: number;
  neverRan: number;
  gaps: Gaps;
}

export interface HeatmapSummary {
  totalHandlers: number;
  totalExecutions: number;
  totalTime: number;
  slowestHandler: string | null;
  fastestHandler: string | null;
  untimedExecutions: number;
  errors: number;
  unlinked: number;
  uncertain: number;
  window: Window | null;
}

/** What is at each address. */
export interface Answers {
  code: SourceFile;
  coverage: Coverage;
  flows: Flows;
  "flows/drawing": DrawnFlows;
  graph: Graph;
  heatmap: Heatmap;
  "heatmap/blocks": Blocks;
  "heatmap/executions": HandlerExecutions;
  log: LogPage;
  overview: Overview;
  timeline: Timeline;
  "timeline/lanes": TimelineLanes;
  "timeline/matches": TimelineMatches;
  "timeline/place": TimelineMatches;
  "timeline/spans": TimelineSpans;
  "timeline/tile": TimelineTile;
}
