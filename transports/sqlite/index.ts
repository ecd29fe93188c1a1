export { sqlite } from './sqlite-journal.ts'

export type { SqliteOptions } from './sqlite-journal.ts'
