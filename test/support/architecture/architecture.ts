import { cycleRule } from './cycle-rule.ts'
import { exampleRule } from './example-rule.ts'
import { folderRule } from './folder-rule.ts'
import { layerRule } from './layer-rule.ts'
import { nameRule } from './name-rule.ts'
import { packageDoors } from './package-doors.ts'
import { purityRule } from './purity-rule.ts'
import { shapeRule } from './shape-rule.ts'
import { sourceFile } from './source-file.ts'
import type { Violation } from './violation.ts'

/** Every breach of the house rules in a repository, given as its paths and texts. */
export function architecture(texts: ReadonlyMap<string, string>): Violation[] {
  const files = [...texts].filter(([path]) => path.endsWith('.ts')).map(([path, text]) => sourceFile(path, text))
  const doors = new Set(packageDoors(texts.get('package.json') ?? '{}').map(({ specifier }) => specifier))
  return [
    ...layerRule(files),
    ...cycleRule(files),
    ...purityRule(files),
    ...shapeRule(files),
    ...exampleRule(files, doors),
    ...nameRule([...texts.keys()]),
    ...folderRule(texts),
  ]
}
