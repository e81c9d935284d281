import { checked } from './checked.ts'

checked('whole cluster/')
