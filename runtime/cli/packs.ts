import { readdir } from 'node:fs/promises'
import type { Pack } from './command.ts'
import { usageError } from './usage-error.ts'

// Packs lie beside the runtime, as sources or compiled; they are found by their folder, never imported from here.
const AGENTS = new URL('../../agents/', import.meta.url)
// What the actors bring belongs to no domain, and is no folder of its own.
const ACTORS = '../../actors/actor-commands'
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

/** The packs this installation brings, by name. */
async function packNames(): Promise<string[]> {
  const folders = await readdir(AGENTS, { withFileTypes: true })
  return folders
    .filter((folder) => folder.isDirectory())
    .map(({ name }) => name)
    .sort()
}

/** Loads a pack by name. Throws a usage error that lists the names there are. */
async function loadPack(name: string): Promise<Pack> {
  const names = await packNames()
  if (!names.includes(name)) throw usageError(`there is no pack '${name}'`, `there are: ${names.join(', ')}`)
  const { pack } = (await import(new URL(`${name}/pack${EXTENSION}`, AGENTS).href)) as { pack: Pack }
  return pack
}

async function loadActors(): Promise<Pack> {
  const { pack } = (await import(new URL(`${ACTORS}${EXTENSION}`, import.meta.url).href)) as { pack: Pack }
  return pack
}

/** Loads every pack, and what the actors bring. */
export async function loadPacks(): Promise<Pack[]> {
  return Promise.all([...(await packNames()).map(loadPack), loadActors()])
}
