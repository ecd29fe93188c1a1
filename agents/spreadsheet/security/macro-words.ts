/** What a macro's words say it can do. */
export type MacroAbility =
  | 'runs by itself'
  | 'starts programs'
  | 'touches files'
  | 'uses the network'
  | 'uses the registry'

const WORDS: readonly (readonly [ability: MacroAbility, words: RegExp])[] = [
  [
    'runs by itself',
    /\b(?:auto_?(?:open|close|exec|exit|activate|deactivate)|workbook_(?:open|activate|beforeclose|beforesave|sheet\w+)|worksheet_(?:activate|change|calculate|selectionchange))\b/i,
  ],
  [
    'starts programs',
    /\b(?:shell|wscript\.shell|shell\.application|shellexecute[aw]?|createprocess[aw]?|winexec|powershell|cmd(?:\.exe)? \/c|mshta|rundll32|regsvr32|virtualalloc(?:ex)?|rtlmovememory)\b/i,
  ],
  [
    'touches files',
    /\b(?:filesystemobject|adodb\.stream|savetofile|createtextfile|opentextfile|copyfile|deletefile|filecopy|kill|rmdir|mkdir|setattr|open\s[^\r\n]{1,200}?\sfor\s{1,9}(?:input|output|append|binary|random))\b/i,
  ],
  [
    'uses the network',
    /\b(?:xmlhttp|serverxmlhttp|winhttp\w*|urldownloadtofile[aw]?|internetopen[aw]?|internetexplorer\.application|msxml2\.\w+|wininet|winsock|ftpputfile[aw]?)\b/i,
  ],
  [
    'uses the registry',
    /\b(?:regread|regwrite|regdelete|regopenkeyex[aw]?|regsetvalueex[aw]?|savesetting|deletesetting|getsetting|hkey_\w+|hkcu|hklm)\b/i,
  ],
]

/** Reads the abilities off a macro's source, comments left out. */
export function macroAbilities(source: string): readonly MacroAbility[] {
  const code = source
    .split(/[\r\n]+/)
    .map(withoutComment)
    .join('\n')
  return WORDS.flatMap(([ability, words]) => (words.test(code) ? [ability] : []))
}

/** A comment begins at an apostrophe outside of a text, or with the word Rem. */
function withoutComment(line: string): string {
  if (/^\s*rem\s/i.test(line)) return ''
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    if (line[i] === '"') quoted = !quoted
    else if (line[i] === "'" && !quoted) return line.slice(0, i)
  }
  return line
}
