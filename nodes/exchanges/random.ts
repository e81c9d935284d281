// The random exchange: each message goes through one binding, drawn from the node's own stream of chance, so that equal
// seeds draw alike.
import { ChoosingRouter } from './choosing.ts'
import type { Occasion } from './router.ts'

/** The random exchange: every binding is equally likely, whatever the key. */
export class RandomRouter<D> extends ChoosingRouter<D> {
  protected pick(_routingKey: string, count: number, occasion: Occasion | undefined): number {
    return occasion === undefined ? 0 : Math.floor(occasion.chance() * count)
  }
}
