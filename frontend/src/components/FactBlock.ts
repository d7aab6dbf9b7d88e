import { graphql } from '../lib/graphql.ts';
import { FactFields } from './Fact.ts';

export const FactBlockFields = graphql(
  `
    fragment FactBlockFields on FactBlock {
      note
      tool {
        name
        path
      }
      fact {
        attribute {
          label
        }
        ...FactFields
      }
    }
  `,
  [FactFields],
);
