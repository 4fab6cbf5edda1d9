package explore

import (
	"slices"
	"strings"
	"unicode"

	"showback"
)

// The values of the key "scope", which every charge has.
const (
	ValueAI    = "AI"
	ValueNotAI = "not AI"
)

// KeyDoc describes one key that can be grouped and filtered by.
type KeyDoc struct {
	// Name is the canonical name; for the keys of tags, the word before the colon.
	Name string
	// CostExplorer is the name of the same dimension in AWS Cost Explorer,
	// empty where it has none.
	CostExplorer string
	// Source is set for the keys of tags.
	Source showback.TagSource
	// Text says what the key holds, for help texts.
	Text string
}

// keyDocs is the registry, in the order in which help shows it. Cost Explorer's
// names are those of the Dimension enumeration. (AWS, "Cost Explorer API
// reference: GetDimensionValues", 2026-09.)
var keyDocs = []KeyDoc{
	{Name: "who", Text: "the person, else the principal"},
	{Name: "person", Text: "the human behind a caller, known or claimed"},
	{Name: "certainty", Text: "who vouches for the person: known (AWS or an administrator) or claimed (the caller)"},
	{Name: "caller", Text: "the ARN as billed, session and all"},
	{Name: "principal", Text: "the IAM user or role behind the caller"},
	{Name: "role", Text: "the role, over all its sessions; an Identity Center role shows its permission set"},
	{Name: "session", Text: "the role session: role and session name"},

	{Name: "tag", Source: showback.TagCaller, CostExplorer: "TAG", Text: "a tag of the caller (IAM principal or session): tag:team, iamPrincipal/team"},
	{Name: "resource-tag", Source: showback.TagResource, Text: "a tag of the resource: resource-tag:app, resourceTags/app"},
	{Name: "account-tag", Source: showback.TagAccount, Text: "a tag of the account: account-tag:env, accountTag/env"},
	{Name: "user-attribute", Source: showback.TagUserAttribute, Text: "an Identity Center attribute: user-attribute:division, userAttribute/division"},
	{Name: "cost-category", Source: showback.TagCostCategory, CostExplorer: "COST_CATEGORY", Text: "a cost category: cost-category:unit, costCategory/unit"},

	{Name: "account", CostExplorer: "LINKED_ACCOUNT", Text: "the usage account, 12 digits"},
	{Name: "payer", CostExplorer: "PAYER_ACCOUNT", Text: "the account that pays, 12 digits"},
	{Name: "service", CostExplorer: "SERVICE", Text: "the product's name, else its code"},
	{Name: "provider", Text: "who made the model: Anthropic, Amazon, …"},
	{Name: "model", Text: "the model as a person says it: Claude Sonnet 4.6"},
	{Name: "token-type", Text: "input, output, cache read, cache write 5m, …"},
	{Name: "pricing-model", Text: "on-demand, batch, flex, priority, provisioned, …"},
	{Name: "route", Text: "in-region, geo, global"},
	{Name: "region", CostExplorer: "REGION", Text: "the region billed: us-east-1"},
	{Name: "usage-type", CostExplorer: "USAGE_TYPE", Text: "AWS's usage type, verbatim"},
	{Name: "operation", CostExplorer: "OPERATION", Text: "AWS's operation, verbatim"},
	{Name: "resource", CostExplorer: "RESOURCE_ID", Text: "the resource's ARN or id, verbatim"},

	{Name: "charge-type", CostExplorer: "RECORD_TYPE", Text: "the line item type: Usage, Tax, Credit, …"},
	{Name: "charge-class", Text: "usage, fee, discount, credit, refund, tax or other"},
	{Name: "billing-entity", CostExplorer: "BILLING_ENTITY", Text: "AWS, AWS Marketplace, …"},
	{Name: "invoicing-entity", CostExplorer: "INVOICING_ENTITY", Text: "the AWS company that sends the invoice"},
	{Name: "legal-entity", CostExplorer: "LEGAL_ENTITY_NAME", Text: "the seller of record"},
	{Name: "bill-type", Text: "Anniversary, Purchase or Refund"},
	{Name: "invoice", Text: "the invoice id; none while the month is open"},
	{Name: "currency", Text: "the currency billed: USD"},
	{Name: "month", Text: "the billing period: 2026-10"},
	{Name: "scope", Text: "AI or not AI"},
}

// KeyDocs returns a description of every key, in the order in which help
// shows them.
func KeyDocs() []KeyDoc { return slices.Clone(keyDocs) }

// String writes the key canonically: "model", "tag:team".
func (k Key) String() string {
	if k.Tag != (showback.TagKey{}) {
		return k.Tag.Flag()
	}
	return k.Name
}

// Same reports whether two keys mean the same, however each was typed.
func (k Key) Same(other Key) bool { return k.Name == other.Name && k.Tag == other.Tag }

// FoldsCase reports whether values of the key compare without regard to case:
// those that hold a person's name or e-mail address.
func (k Key) FoldsCase() bool { return k.Name == "person" || k.Name == "who" }

// TagKeyed returns the key of a tag, typed as the command line takes it.
func TagKeyed(tag showback.TagKey) Key {
	for _, d := range keyDocs {
		if d.Source == tag.Source {
			return Key{Name: d.Name, Tag: tag, Typed: tag.Flag()}
		}
	}
	panic("BUG: tag source " + string(tag.Source))
}

// named returns a key without tag by its canonical name.
func named(name string) Key { return Key{Name: name, Typed: name} }

// ParseKey reads one key as a person or a script writes it: a canonical name
// ("token-type"; case and "_" for "-" do not matter), Cost Explorer's name for
// it ("LINKED_ACCOUNT"), or a tag in any of the forms "tag:team", "TAG:team",
// "tag:iamPrincipal/team" and "iamPrincipal/team". Names of tags are
// case-sensitive, as billing keys are. An unknown key is an error of
// KindInvalid whose hint has the nearest names, among them those of known.
func ParseKey(typed string, known ...showback.TagKey) (Key, error) {
	if k, ok := lookUpKey(typed); ok {
		return k, nil
	}
	if strings.TrimSpace(typed) == "" {
		return Key{}, showback.WithHint(showback.Errorf(showback.KindInvalid, "parse key: empty"), keyForms)
	}
	return Key{}, showback.WithHint(
		showback.Errorf(showback.KindInvalid, "parse key %q: no such key", typed), keyHint(typed, known))
}

// ParseKeys reads a comma-separated list of keys; blanks around them do not
// count, and an empty text is no keys. A tag with a comma stands in quotes, all
// of it or its name: 'tag:a,b' or tag:"a,b". A key given twice, however typed,
// is an error of KindInvalid: its second column could only repeat the first.
func ParseKeys(list string, known ...showback.TagKey) ([]Key, error) {
	if strings.TrimSpace(list) == "" {
		return nil, nil
	}
	texts, err := splitKeys(list)
	if err != nil {
		return nil, err
	}
	var keys []Key
	for _, typed := range texts {
		k, err := ParseKey(typed, known...)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(keys, k.Same); i >= 0 {
			return nil, showback.Errorf(showback.KindInvalid, "parse keys %q: %s", list, repeated(keys[i], k))
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// splitKeys cuts a list at the commas outside quotes. Quotes begin a key or the
// name of a tag: tag:O'Brien has none.
func splitKeys(list string) ([]string, error) {
	var texts []string
	var text strings.Builder
	end := func() {
		texts = append(texts, strings.TrimSpace(text.String()))
		text.Reset()
	}
	quote, last := rune(0), ','
	for _, r := range list {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\'') && strings.ContainsRune(",:/", last):
			quote = r
		case quote == 0 && r == ',':
			end()
		case quote == 0 && unicode.IsSpace(r) && text.Len() == 0:
			continue // before a key
		default:
			text.WriteRune(r)
		}
		last = r
	}
	if quote != 0 {
		return nil, showback.Errorf(showback.KindInvalid, "parse keys %q: the quote %c is not closed", list, quote)
	}
	end()
	return texts, nil
}

func repeated(first, again Key) string {
	if first.Typed == again.Typed {
		return first.Typed + " is there twice"
	}
	return first.Typed + " and " + again.Typed + " are the same key"
}

func lookUpKey(typed string) (Key, bool) {
	plain := strings.ReplaceAll(strings.ToLower(typed), "_", "-")
	for _, d := range keyDocs {
		ce := strings.ReplaceAll(strings.ToLower(d.CostExplorer), "_", "-")
		if d.Source == "" {
			if plain == d.Name || ce != "" && plain == ce {
				return Key{Name: d.Name, Typed: typed}, true
			}
			continue
		}
		tag, ok := showback.ParseTagKey(typed)
		if word, name, found := strings.Cut(typed, ":"); !ok && found && name != "" {
			word = strings.ReplaceAll(strings.ToLower(word), "_", "-")
			if word == d.Name || ce != "" && word == ce {
				tag, ok = showback.TagKey{Source: d.Source, Name: name}, true
			}
		}
		if !ok {
			continue
		}
		tag = innerTag(tag)
		return Key{Name: TagKeyed(tag).Name, Tag: tag, Typed: typed}, true
	}
	return Key{}, false
}

// innerTag resolves a tag typed as Cost Explorer writes it, with the source
// inside the key (tag:iamPrincipal/team), and drops the "user:" that AWS puts
// before resource tags in some places and not in others.
func innerTag(tag showback.TagKey) showback.TagKey {
	if tag.Source == showback.TagCaller {
		if inner, ok := showback.ParseTagKey(tag.Name); ok && strings.HasPrefix(tag.Name, string(inner.Source)+"/") {
			tag = inner
		}
	}
	if tag.Source == showback.TagResource {
		if name := strings.TrimPrefix(tag.Name, "user:"); name != "" {
			tag.Name = name
		}
	}
	return tag
}

const keyForms = "keys are names such as model, account or who, and tags such as tag:team or resource-tag:app"

// keyHint says what an unknown key may have meant.
func keyHint(typed string, known []showback.TagKey) string {
	if slices.Contains([]string{"day", "date", "daily", "days"}, strings.ToLower(typed)) {
		return "days are no key: cut the answer with --granularity day, choose days with --from and --to"
	}
	var among []candidate
	for _, d := range keyDocs {
		if d.Source != "" {
			if strings.EqualFold(strings.TrimSuffix(typed, ":"), d.Name) {
				return "say which tag: " + d.Name + ":NAME"
			}
			continue
		}
		among = append(among, candidate{d.Name, d.Name})
		if d.CostExplorer != "" {
			among = append(among, candidate{d.CostExplorer, d.Name})
		}
	}
	for _, tag := range known {
		among = append(among, candidate{tag.Name, tag.Flag()}, candidate{tag.Flag(), tag.Flag()}, candidate{tag.String(), tag.Flag()})
	}
	if near := nearest(typed, among); len(near) > 0 {
		return didYouMean(near)
	}
	if !strings.ContainsAny(typed, ":/ ") {
		return "a caller's tag is written tag:" + typed + "; " + keyForms
	}
	return keyForms
}
