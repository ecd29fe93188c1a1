import { annuityFunctions } from './annuity-functions.ts'
import { criteriaFunctions } from './criteria-functions.ts'
import { databaseFunctions } from './database-functions.ts'
import { dateFunctions } from './date-functions.ts'
import { dynamicArrayFunctions } from './dynamic-array-functions.ts'
import type { FormulaFunction } from './evaluation.ts'
import { logicalFunctions } from './logical-functions.ts'
import { lookupFunctions } from './lookup-functions.ts'
import { mathFunctions } from './math-functions.ts'
import { referenceFunctions } from './reference-functions.ts'
import { statisticalFunctions } from './statistical-functions.ts'
import { textFunctions } from './text-functions.ts'

/** The functions of our own, by name in upper case. */
export const functionTable: ReadonlyMap<string, FormulaFunction> = new Map(
  [
    logicalFunctions,
    mathFunctions,
    statisticalFunctions,
    criteriaFunctions,
    lookupFunctions,
    referenceFunctions,
    textFunctions,
    dateFunctions,
    annuityFunctions,
    databaseFunctions,
    dynamicArrayFunctions,
  ].flatMap((table) => Object.entries(table)),
)
