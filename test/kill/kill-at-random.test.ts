import { setTimeout as pause } from 'node:timers/promises'
import { describe } from 'vitest'
import { killMatrix } from '../support/kill/kill-matrix.ts'

describe('who comes after a process that was killed at any moment', () => {
  killMatrix((round) => ({
    death: null,
    async murder(life) {
      await life.told((['report', 'opened', 'report', 'acknowledged'] as const)[round % 4] ?? 'report')
      await pause(Math.random() * 150)
      life.kill()
    },
  }))
})
