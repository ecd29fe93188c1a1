import type { Journal, JournalView } from '../ports/journal.ts'
import { isTroupeError, TroupeError } from '../protocol/errors.ts'
import { usageError } from './usage-error.ts'

// Transports lie beside the runtime, as sources or compiled; they are found by their name, never imported from here.
const SQLITE = new URL(
  `../../transports/sqlite/index${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
)

/** The journal in the file that `--db` names. It is opened when it is first owned or viewed. */
export async function openJournalFile(path: string | boolean | undefined): Promise<Journal> {
  if (path === undefined) throw usageError('the journal is not named', 'name its file: --db run.sqlite')
  if (typeof path !== 'string' || path.trim() === '') {
    throw usageError('--db takes the name of a file', 'for example --db run.sqlite')
  }
  const { sqlite } = (await import(SQLITE.href)) as { sqlite: (path: string) => Journal }
  const journal = sqlite(path)
  return {
    ...journal,
    own: (realm, shard, options) => journal.own(realm, shard, options).catch((error: unknown) => refuse(path, error)),
  }
}

/** Looks at the journal in a file, whoever owns it. */
export async function viewJournal<T>(
  { db, realm = 'local' }: Readonly<Record<string, string | boolean | undefined>>,
  look: (view: JournalView) => Promise<T>,
): Promise<T> {
  const journal = await openJournalFile(db)
  try {
    return await look(await journal.view(String(realm)))
  } finally {
    await journal.close()
  }
}

// On a command line nobody can take a file over: waiting and another file are what is left.
function refuse(path: string, error: unknown): never {
  if (!isTroupeError(error, 'CONFLICT')) throw error
  throw new TroupeError('CONFLICT', `${error.message}, which is at work on it`, {
    where: path,
    hint: 'wait until that has ended, or stop it; other work can have a file of its own',
    cause: error,
  })
}
