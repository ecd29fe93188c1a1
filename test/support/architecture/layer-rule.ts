import { CONFINED_PACKAGES, LAYER_PLAN, type Layer, XSTATE_DRIVERS } from './layer-plan.ts'
import type { SourceFile, SourceImport } from './source-file.ts'
import type { Violation } from './violation.ts'

/** Imports run downward only, and each package is imported only where the plan says. */
export function layerRule(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) => {
    const layer = layerOf(file.path)
    if (layer === undefined) return []
    const details = file.imports.flatMap((item) => importFaults(file.path, layer, item))
    if (layer.name === 'runtime/ports') details.push(...portFaults(file))
    return details.map((detail) => ({ path: file.path, rule: 'layers', detail }))
  })
}

function importFaults(path: string, layer: Layer, item: SourceImport): string[] {
  if (item.path !== null) return pathFaults(path, layer, item.path)
  if (item.builtin) return layer.node ? [] : [`${layer.name} may not import ${item.specifier}`]
  return item.package === null ? [] : packageFaults(path, layer, item.package, item.typeOnly)
}

function pathFaults(path: string, layer: Layer, target: string): string[] {
  const faults = /\.(ts|json)$/.test(target) ? [] : [`the import of ${target} must end in .ts`]
  const below = layerOf(target)
  if (below === undefined) return [...faults, `${layer.name} may not import ${target}`]
  if (below.name === layer.name) {
    if (sliceOf(path) !== sliceOf(target)) faults.push(`${sliceOf(path)} may not import its neighbour ${target}`)
  } else if (!layer.imports.includes(below.name)) {
    faults.push(`${layer.name} may not import ${target}`)
  }
  return faults
}

function packageFaults(path: string, layer: Layer, name: string, typeOnly: boolean): string[] {
  if (name === 'troupe') return [`the source imports itself by relative paths, not as ${name}`]
  const confined = CONFINED_PACKAGES.find(({ packages }) => packages.test(name))
  if (confined && !confined.only.test(path)) return [`${name} is imported only in ${confined.where}`]
  const allowed = layer.packages === 'any' || confined !== undefined || layer.packages.includes(name)
  if (!allowed) return [`${layer.name} may not import ${name}`]
  if (name === 'xstate' && path.startsWith('runtime/') && !typeOnly && !XSTATE_DRIVERS.includes(path)) {
    return [`what runs of xstate enters by ${XSTATE_DRIVERS.join(', ')}: import its types only`]
  }
  return []
}

function portFaults({ imports, exports }: SourceFile): string[] {
  return [
    ...imports.filter((item) => !item.typeOnly).map((item) => `a port is types only: import type ${item.specifier}`),
    ...exports.filter((item) => !item.typeOnly).map((item) => `a port is types only: ${item.name} is a value`),
  ]
}

function layerOf(path: string): Layer | undefined {
  return LAYER_PLAN.find(({ files }) => files.test(path))
}

function sliceOf(path: string): string {
  return /^(?:transports|agents)\/[^/]+(?=\/)/.exec(path)?.[0] ?? ''
}
