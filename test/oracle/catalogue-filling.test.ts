import { checked } from './checked.ts'

checked('filling/')
