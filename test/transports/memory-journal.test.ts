import { memoryJournal } from '../../transports/memory/index.ts'
import { journalConformance } from '../conformance/journal.conformance.ts'

journalConformance('memory', async () => ({ journal: memoryJournal(), clean: async () => {} }))
