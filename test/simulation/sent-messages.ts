import { expect } from 'vitest'

/** What clients sent, and which of it was acknowledged. */
export interface SentMessages {
  readonly sent: readonly string[]
  readonly acknowledged: ReadonlySet<string>
  /** Keeps account of one send. Never rejects. */
  track(id: string, outcome: Promise<unknown>): Promise<void>
}

/** Makes an empty account. */
export function createSentMessages(): SentMessages {
  const sent: string[] = []
  const acknowledged = new Set<string>()
  return {
    sent,
    acknowledged,
    async track(id, outcome) {
      sent.push(id)
      await outcome.then(
        () => acknowledged.add(id),
        () => {},
      )
    },
  }
}

/** Acknowledged exactly once, the others at most once, in order per sender. Ids are `sender:count`. */
export function expectEffectivelyOnce(seen: readonly string[], { sent, acknowledged }: SentMessages): void {
  expect(seen, 'nothing is applied twice').toEqual([...new Set(seen)])
  expect(
    seen.filter((id) => !sent.includes(id)),
    'nothing comes from nowhere',
  ).toEqual([])
  expect(
    [...acknowledged].filter((id) => !seen.includes(id)),
    'nothing acknowledged is lost',
  ).toEqual([])
  expectOrder(seen)
}

/** In order per sender. */
export function expectOrder(seen: readonly string[]): void {
  for (const sender of new Set(seen.map(senderOf))) {
    const counts = seen.filter((id) => senderOf(id) === sender).map((id) => Number(id.split(':')[1]))
    expect(counts, `what ${sender} sent stays in order`).toEqual([...counts].sort((a, b) => a - b))
  }
}

function senderOf(id: string): string {
  return id.split(':')[0] as string
}
