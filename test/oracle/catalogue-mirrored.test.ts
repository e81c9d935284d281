import { checked } from './checked.ts'

checked('mirrored/')
