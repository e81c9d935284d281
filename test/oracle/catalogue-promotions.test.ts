import { checked } from './checked.ts'

checked('promotions/')
