import { graphql } from '../lib/graphql.ts';
import { FactFields } from './Fact.ts';

export const FactListFields = graphql(
  `
    fragment FactListFields on Tool {
      facts {
        id
        attribute {
          label
          description
          group
        }
        ...FactFields
      }
    }
  `,
  [FactFields],
);
