/**
 * The words of a line, quoted as in a shell; nothing is expanded.
 * @returns Null where a quote is not closed, or nothing follows the last backslash.
 */
export function words(line) {
  const found = [], part = /(\s+)|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)/sy;
  let word;
  while (part.lastIndex < line.length) {
    const parsed = part.exec(line);
    if (!parsed) return null;
    const [, space, single, double, escaped, plain] = parsed;
    if (!space) word = (word ?? "") + (single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? escaped ?? plain);
    else if (word !== undefined) found.push(word), word = undefined;
  }
  return word === undefined ? found : [...found, word];
}
