import type { BenchCase } from '../bench-case.ts'
import type { JournalSizes } from '../troupe/durable-journal-size.ts'

const side = (commits: number, size: keyof JournalSizes) => async () =>
  (await import('../troupe/durable-journal-size.ts')).durableJournalSize(commits, size)

/** The journal of 1 000 actors, after few commits and after many: bounded by what lives in it. */
export const journalSize: BenchCase = {
  unit: 'B',
  durability: 'D2',
  sides: {
    '1M commits': side(1_000_000, 'closed'),
    '10k commits': side(10_000, 'closed'),
    'live records': side(10_000, 'live'),
    '100k commits, open': side(100_000, 'open'),
  },
  rows: [
    { metric: 'file of 1k actors', of: '1M commits', against: '10k commits', target: { ratioAtMost: 1.2 } },
    { metric: 'file of 1k actors', of: '1M commits', against: 'live records', target: { ratioAtMost: 4 } },
    // The log is folded into the file at 16 MB; the append that gets it there comes on top.
    { metric: 'file and log at work', of: '100k commits, open', target: { atMost: 24_000_000 } },
  ],
  rounds: 1,
  warmUps: 0,
}
