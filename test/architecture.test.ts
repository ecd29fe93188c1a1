import { describe, expect, it } from 'vitest'
import { architecture } from './support/architecture/architecture.ts'
import { XSTATE_DRIVERS } from './support/architecture/layer-plan.ts'
import { repositoryTexts } from './support/architecture/repository-texts.ts'
import { sourceFile } from './support/architecture/source-file.ts'
import { violationLines } from './support/architecture/violation.ts'

const texts = repositoryTexts()

describe('the house rules', () => {
  it('are checked on the whole repository', () => {
    const paths = [...texts.keys()]
    for (const folder of ['runtime/protocol/', 'runtime/kernel/', 'transports/', 'machines/', 'agents/', 'test/']) {
      expect(paths.some((path) => path.startsWith(folder) && path.endsWith('.ts'))).toBe(true)
    }
  })

  it('keep the door to xstate as narrow as it can be', () => {
    const unused = XSTATE_DRIVERS.filter((path) => {
      const imports = sourceFile(path, texts.get(path) ?? '').imports
      return !imports.some((item) => item.package === 'xstate' && !item.typeOnly)
    })
    expect(unused).toEqual([])
  })

  it('hold: layers, packages, cycles, purity, shapes, names, folders and examples', () => {
    expect(violationLines(architecture(texts))).toEqual([])
  })
})
