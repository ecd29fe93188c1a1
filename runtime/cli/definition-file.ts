import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ActorDefinition } from '../kernel/definition.ts'
import { usageError } from './usage-error.ts'

/** The actor definitions that a module exports, alone, in lists or in packs. Throws a usage error when there are none. */
export async function definitionsOf(file: string): Promise<ActorDefinition[]> {
  const path = resolve(file)
  const found = await stat(path).catch(() => null)
  if (!found?.isFile()) throw usageError(`there is no file ${file}`, 'name a module that exports actor definitions')
  const module = await load(path, file)
  const definitions = new Set(Object.values(module).flatMap(definitionsIn))
  if (definitions.size > 0) return [...definitions]
  throw usageError(`${file} exports no actor definition`, 'export what defineActor or defineWorkflow returned')
}

async function load(path: string, file: string): Promise<object> {
  try {
    return (await import(pathToFileURL(path).href)) as object
  } catch (error) {
    throw usageError(`${file} cannot be loaded: ${(error as Error).message}`, 'it has to run as it is, by Node alone')
  }
}

// An export is a definition, a list of them, or a pack.
function definitionsIn(value: unknown): ActorDefinition[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.filter(isDefinition)
  if (isDefinition(value)) return [value]
  const { actors } = value as { readonly actors?: unknown }
  return Array.isArray(actors) ? actors.filter(isDefinition) : []
}

function isDefinition(value: unknown): value is ActorDefinition {
  return typeof value === 'object' && value !== null && 'hosted' in value && 'contract' in value && 'policies' in value
}
