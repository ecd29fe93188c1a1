export { memoryJournal } from './memory-journal.ts'
export { memory } from './memory-transport.ts'
