import { ConfigError, readConfig } from './config.ts'
import { startServer } from './server.ts'

async function main(): Promise<void> {
  const config = readConfig()
  // What the server writes is its owner's alone.
  process.umask(0o077)
  const server = await startServer(config)
  process.stdout.write(
    [
      '',
      '  Coatcheck is ready.',
      '',
      `    Open    ${server.url}`,
      `    Data    ${config.data}  (accounts, sessions and keys; back it up)`,
      '    Stop    Ctrl+C',
      '',
      '',
    ].join('\n'),
  )
  const stop = () => {
    // A second signal ends at once, by its default.
    process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM')
    process.stdout.write('Stopping: requests under way are finished first.\n')
    server.stop().then(() => process.exit(0), fail('stop in order'))
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
}

function fail(what: string): (error: unknown) => void {
  return (error) => {
    const text = error instanceof ConfigError ? error.message : error instanceof Error ? error.stack : String(error)
    process.stderr.write(`\nCoatcheck did not ${what}. ${text}\n`)
    process.exit(1)
  }
}

main().catch(fail('start'))
