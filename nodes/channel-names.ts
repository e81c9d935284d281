// Names that the server makes up: queues, consumer tags. Twenty-two characters of base64url after a prefix, like
// RabbitMQ's, drawn from the cluster's own random stream so that a simulation can be replayed.

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** `prefix` and 22 characters (docs/observed.md §5.4). */
export function serverName(prefix: 'amq.gen-' | 'amq.ctag-', chance: () => number): string {
  let name: string = prefix
  for (let i = 0; i < 22; i++) name += alphabet[Math.floor(chance() * 64)]
  return name
}

/** RabbitMQ strips line breaks from names that clients give (docs/observed.md §5.3). */
export function cleanName(name: string): string {
  return /[\r\n]/.test(name) ? name.replace(/[\r\n]/g, '') : name
}
