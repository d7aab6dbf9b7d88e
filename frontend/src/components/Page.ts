import { graphql } from '../lib/graphql.ts';
import { ArticleFields } from './Article.ts';
import { ArticleIndexFields } from './ArticleIndex.ts';
import { ComparisonFields } from './Comparison.ts';
import { ComparisonIndexFields } from './ComparisonIndex.ts';
import { HeadFields } from './Head.ts';
import { HomeFields } from './Home.ts';
import { StandardPageFields } from './StandardPage.ts';
import { ToolFields } from './Tool.ts';
import { ToolIndexFields } from './ToolIndex.ts';

export const PageFields = graphql(
  `
    fragment PageFields on Page {
      __typename
      id
      path
      locale
      translations {
        title
        url
        locale
      }
      ...HeadFields
      ...HomeFields
      ...ArticleFields
      ...ToolFields
      ...ComparisonFields
      ...ArticleIndexFields
      ...ToolIndexFields
      ...ComparisonIndexFields
      ...StandardPageFields
    }
  `,
  [
    HeadFields,
    HomeFields,
    ArticleFields,
    ToolFields,
    ComparisonFields,
    ArticleIndexFields,
    ToolIndexFields,
    ComparisonIndexFields,
    StandardPageFields,
  ],
);
