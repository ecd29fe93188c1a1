/** One floor of the house: which files stand on it, and what they may lean on. */
export interface Layer {
  readonly name: string
  readonly files: RegExp
  /** Names of the layers it may import. Its own slice is always allowed. */
  readonly imports: readonly string[]
  /** Packages it may import beside those confined to it, or any that is not confined elsewhere. */
  readonly packages: readonly string[] | 'any'
  /** Whether it may import parts of Node. */
  readonly node: boolean
}

const RUNTIME = [
  'runtime',
  'runtime/kernel',
  'runtime/supervision',
  'runtime/persistence',
  'runtime/inspection',
  'runtime/telemetry',
  'runtime/ports',
  'runtime/protocol',
] as const

/** The middle floor of the runtime: side by side, never one on the other. */
function middle(name: string): Layer {
  const files = new RegExp(`^runtime/${name}/`)
  const imports = ['runtime/ports', 'runtime/protocol']
  return { name: `runtime/${name}`, files, imports, packages: ['zod'], node: true }
}

/**
 * The floor plan. A path belongs to the first layer that matches it. Folders directly under transports/ and agents/ are
 * slices: a slice never imports its neighbour.
 */
export const LAYER_PLAN: readonly Layer[] = [
  { name: 'runtime/protocol', files: /^runtime\/protocol\//, imports: [], packages: ['zod'], node: false },
  { name: 'runtime/ports', files: /^runtime\/ports\//, imports: ['runtime/protocol'], packages: [], node: false },
  middle('supervision'),
  middle('persistence'),
  middle('inspection'),
  middle('telemetry'),
  {
    name: 'runtime/kernel',
    files: /^runtime\/kernel\//,
    imports: RUNTIME.slice(2),
    packages: ['zod', 'xstate'],
    node: true,
  },
  {
    name: 'runtime/simulation',
    files: /^runtime\/simulation\//,
    imports: RUNTIME.slice(1),
    packages: ['zod', 'xstate'],
    node: true,
  },
  {
    name: 'runtime/cli',
    files: /^runtime\/cli\//,
    imports: [...RUNTIME, 'runtime/simulation'],
    packages: ['zod'],
    node: true,
  },
  {
    name: 'runtime',
    files: /^runtime\/[^/]+$/,
    imports: [...RUNTIME, 'runtime/simulation', 'runtime/cli'],
    packages: [],
    node: false,
  },
  {
    name: 'transports',
    files: /^transports\//,
    imports: ['runtime/ports', 'runtime/protocol'],
    packages: [],
    node: true,
  },
  {
    name: 'machines',
    files: /^machines\//,
    imports: ['runtime/protocol'],
    packages: ['xstate', 'zod'],
    node: false,
  },
  { name: 'actors', files: /^actors\//, imports: ['machines', ...RUNTIME], packages: 'any', node: true },
  { name: 'agents', files: /^agents\//, imports: ['actors', 'machines', ...RUNTIME], packages: 'any', node: true },
]

/** Packages that only the places named may import, whatever their layer allows. */
export const CONFINED_PACKAGES: readonly {
  readonly packages: RegExp
  readonly only: RegExp
  readonly where: string
}[] = [
  { packages: /^(nats|nats\.ws|@nats-io\/.+)$/, only: /^transports\/nats\//, where: 'transports/nats/' },
  {
    packages: /^(openai|@openai\/.+|@anthropic-ai\/.+|@google\/genai|@mistralai\/.+|ai|@ai-sdk\/.+|ollama)$/,
    only: /^actors\/models\//,
    where: 'actors/models/',
  },
  { packages: /^@opentelemetry\/.+$/, only: /^runtime\/telemetry\//, where: 'runtime/telemetry/' },
  { packages: /^pino(-.+)?$/, only: /^runtime\/telemetry\//, where: 'runtime/telemetry/' },
  {
    packages: /^msgpackr$/,
    only: /^runtime\/protocol\/(record-)?codec\.ts$/,
    where: 'the codecs of runtime/protocol/',
  },
]

/** The files of the runtime that import what runs of XState. Every other one names its types only. */
export const XSTATE_DRIVERS: readonly string[] = ['runtime/kernel/from-task.ts']
