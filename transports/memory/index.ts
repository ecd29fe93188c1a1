export { memoryJournal } from './memory-journal.ts'
export { memory } from './memory-transport.ts'

export type { MemoryOptions } from './memory-transport.ts'
