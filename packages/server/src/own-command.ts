/**
 * How the command is called here: in a clone of the repository by npm, else by its name, which an installation puts on the path.
 */
export function ownCommand(args: string, folder = import.meta.dirname): string {
  return /[\\/]node_modules[\\/]/.test(folder) ? `coatcheck ${args}` : `npm run coatcheck -- ${args}`
}
