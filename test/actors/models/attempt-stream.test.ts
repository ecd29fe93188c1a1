import { expect, it } from 'vitest'
import { attemptStream } from '../../../actors/models/attempt-stream.ts'
import type { ModelChunk } from '../../../machines/model-chunk.ts'
import { outcomeOf } from '../../support/models/call-outcome.ts'
import { PLAIN } from '../../support/models/provider-matrix.ts'

const SCOPE = { where: 'lab/model', key: null }
const FINISH: ModelChunk = { type: 'finish', reason: 'stop', model: 'm', requestId: null }

it('what breaks after the finish breaks nothing', async () => {
  async function* late(): AsyncGenerator<ModelChunk> {
    yield { type: 'text', text: 'whole' }
    yield FINISH
    throw new TypeError('terminated')
  }
  expect(await outcomeOf(attemptStream(SCOPE, PLAIN, late))).toMatchObject({ text: 'whole', error: null })
})

it('what comes after the finish is not told', async () => {
  async function* talkative(): AsyncGenerator<ModelChunk> {
    yield FINISH
    yield { type: 'text', text: 'more' }
  }
  expect((await outcomeOf(attemptStream(SCOPE, PLAIN, talkative))).text).toBe('')
})

it('an end without a finish is a connection that was cut', async () => {
  async function* cut(): AsyncGenerator<ModelChunk> {
    yield { type: 'text', text: 'half' }
  }
  const { text, failure } = await outcomeOf(attemptStream(SCOPE, PLAIN, cut))
  expect([text, failure?.category, failure?.code]).toEqual(['half', 'network', 'stream.cut'])
})
