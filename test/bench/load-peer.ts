/**
 * Imports a peer by name. The type is stated by the caller, not read from the package: peers are installed by the bench
 * command alone, and the project must compile without them.
 */
export async function loadPeer<T extends object>(specifier: string): Promise<T> {
  const loaded: unknown = await import(specifier)
  return loaded as T
}
