import type { ToolSpec } from '../machines/model-request.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import { closeNames } from './close-names.ts'
import type { Tool } from './define-tool.ts'
import { compareVersions, type ToolVersion, toolVersion } from './tool-version.ts'

/** Tools by name and version. */
export interface ToolRegistry {
  /** The names there are, in the order in which they were given. */
  readonly names: readonly string[]
  /** Every version of every tool. */
  readonly all: readonly Tool[]
  /** The tool: `id` for its newest version, releases before what precedes them, `id@version` for one. Throws NOT_FOUND. */
  get(name: string): Tool
  /** The newest version of each, as models are told of them; only those named, where names are given. */
  specs(names?: readonly string[]): readonly ToolSpec[]
}

/** Puts tools in order. Throws CONFLICT for two that cannot be told apart. */
export function createToolRegistry(tools: readonly Tool[]): ToolRegistry {
  if (!Array.isArray(tools)) throw noTools()
  const families = new Map<string, Tool[]>()
  for (const tool of tools) {
    if (typeof tool?.execute !== 'function' || !tool.inputSchema) throw noTools()
    const family = families.get(tool.id) ?? []
    const twin = family.find((other) => compareVersions(versionOf(other), versionOf(tool)) === 0)
    if (twin) throw twins(twin, tool)
    families.set(tool.id, [...family, tool])
  }
  for (const family of families.values()) family.sort(newestFirst)
  const names = [...families.keys()]

  function get(name: string): Tool {
    const [id = '', pinned] = name.split('@')
    const family = families.get(id)
    if (!family) throw unknownTool(name, id, names)
    const found = pinned === undefined ? family[0] : family.find(({ version }) => version === pinned)
    if (found) return found
    const versions = family.map(({ version }) => version).join(', ')
    throw new TroupeError('NOT_FOUND', `there is no version ${pinned} of the tool '${id}'; versions: ${versions}`, {
      where: name,
      hint: `call '${id}' for the newest, or one of these`,
    })
  }

  return {
    names,
    all: tools,
    get,
    specs: (wanted = names) =>
      wanted.map(get).map(({ id, description, inputSchema }) => ({ name: id, description, input: inputSchema })),
  }
}

function newestFirst(one: Tool, other: Tool): number {
  const [a, b] = [versionOf(one), versionOf(other)]
  const byRelease = Number(a.prerelease.length > 0) - Number(b.prerelease.length > 0)
  return byRelease === 0 ? compareVersions(b, a) : byRelease
}

function versionOf({ version }: Tool): ToolVersion {
  return toolVersion(version) as ToolVersion
}

function noTools(): TroupeError {
  return new TroupeError('INVALID_MESSAGE', 'this is no list of tools', {
    where: 'tools',
    hint: 'give a list of what defineTool returned: [convert, search]',
  })
}

function twins(one: Tool, other: Tool): TroupeError {
  return new TroupeError('CONFLICT', `the tool '${one.id}' is there twice, as ${one.version} and ${other.version}`, {
    where: one.id,
    hint: 'raise the version of one of the two, or name it differently',
  })
}

function unknownTool(name: string, id: string, names: readonly string[]): TroupeError {
  const [meant] = closeNames(id, names)
  return new TroupeError('NOT_FOUND', `there is no tool '${name}'; tools: ${names.join(', ') || 'none'}`, {
    where: name,
    hint: meant === undefined ? 'call one of these' : `did you mean '${meant}'?`,
  })
}
