// The lists that index pages, topics, people and the home page show beside their own texts.
import { ArticleTeaserFields } from '../components/ArticleTeaser.ts';
import { ComparisonTeaserFields } from '../components/ComparisonTeaser.ts';
import { ToolTeaserFields } from '../components/ToolTeaser.ts';
import { graphql } from '../lib/graphql.ts';

export const HomeListsQuery = graphql(
  `
    query HomeLists($site: String, $locale: String) {
      site(site: $site) {
        name
      }
      articles(first: 7, site: $site, locale: $locale, order: PUBLISHED_DESC) {
        nodes {
          ...ArticleTeaserFields
        }
      }
      comparisons(first: 6, site: $site, locale: $locale, order: PUBLISHED_DESC) {
        nodes {
          ...ComparisonTeaserFields
        }
      }
      tools(first: 100, site: $site, locale: $locale, order: NAME_ASC) {
        nodes {
          ...ToolTeaserFields
        }
      }
    }
  `,
  [ArticleTeaserFields, ComparisonTeaserFields, ToolTeaserFields],
);

export const ArticlesQuery = graphql(
  `
    query Articles($after: String, $filter: ArticleFilter, $site: String, $locale: String) {
      articles(first: 20, after: $after, filter: $filter, site: $site, locale: $locale, order: PUBLISHED_DESC) {
        nodes {
          ...ArticleTeaserFields
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [ArticleTeaserFields],
);

export const ToolsQuery = graphql(
  `
    query Tools($after: String, $filter: ToolFilter, $site: String, $locale: String) {
      tools(first: 60, after: $after, filter: $filter, site: $site, locale: $locale, order: NAME_ASC) {
        totalCount
        nodes {
          ...ToolTeaserFields
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [ToolTeaserFields],
);

export const ComparisonsQuery = graphql(
  `
    query Comparisons($after: String, $filter: ComparisonFilter, $site: String, $locale: String) {
      comparisons(first: 20, after: $after, filter: $filter, site: $site, locale: $locale, order: PUBLISHED_DESC) {
        nodes {
          ...ComparisonTeaserFields
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [ComparisonTeaserFields],
);

export const TopicListsQuery = graphql(
  `
    query TopicLists($topic: ID!, $after: String, $site: String, $locale: String) {
      articles(first: 20, after: $after, filter: { topic: $topic }, site: $site, locale: $locale, order: PUBLISHED_DESC) {
        nodes {
          ...ArticleTeaserFields
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
      comparisons(first: 20, filter: { topic: $topic }, site: $site, locale: $locale, order: PUBLISHED_DESC) {
        nodes {
          ...ComparisonTeaserFields
        }
      }
    }
  `,
  [ArticleTeaserFields, ComparisonTeaserFields],
);
