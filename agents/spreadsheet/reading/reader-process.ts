import { readFileSync, writeFileSync } from 'node:fs'
import { serialize } from 'node:v8'
import type { IntegrityReport } from './integrity.ts'
import type { IsolatedAnswer } from './isolated-content.ts'
import { libraryContent } from './library-content.ts'
import { unreadable } from './refusal.ts'

const STDIN = 0
const STDOUT = 1

function answer(): IsolatedAnswer {
  try {
    return { content: libraryContent(readFileSync(STDIN), JSON.parse(process.argv[2] ?? '') as IntegrityReport) }
  } catch (error) {
    return { block: unreadable(error) }
  }
}

writeFileSync(STDOUT, serialize(answer()))
