// The entry of the session server; its parts are not here yet.
process.stdout.write('The Coatcheck server is being built.\n')
