/** One of several, as colours are: the same one for an id everywhere. */
export function choiceFor<T>(id: string, choices: readonly T[]): T | undefined {
  const sum = Array.from(id).reduce((total, character) => total + character.charCodeAt(0), 0);
  return choices[sum % choices.length];
}
