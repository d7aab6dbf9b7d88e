import { graphql } from '../lib/graphql.ts';
import { ToolTeaserFields } from './ToolTeaser.ts';

export const ToolCardBlockFields = graphql(
  `
    fragment ToolCardBlockFields on ToolCardBlock {
      note
      tool {
        ...ToolTeaserFields
      }
    }
  `,
  [ToolTeaserFields],
);
