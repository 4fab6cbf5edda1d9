package costexplorer

import (
	"slices"
	"strings"
	"unicode"

	"showback"
	"showback/internal/explore"
)

// The types of a group definition.
const (
	typeDimension = "DIMENSION"
	typeTag       = "TAG"
	typeCategory  = "COST_CATEGORY"
	typeAttribute = "PRODUCT_ATTRIBUTE"
)

// The dimensions whose values are not the bill's own.
const (
	dimService    = "SERVICE"
	dimRecordType = "RECORD_TYPE"
	dimRegion     = "REGION"
)

// keys has explore's key for each dimension that the ledger has. (AWS, "Cost
// Explorer API reference: GetDimensionValues", 2026-09.)
var keys = map[string]string{
	"LINKED_ACCOUNT":    "account",
	"PAYER_ACCOUNT":     "payer",
	dimService:          "service",
	dimRegion:           "region",
	"USAGE_TYPE":        "usage-type",
	"OPERATION":         "operation",
	dimRecordType:       "charge-type",
	"RESOURCE_ID":       "resource",
	"LEGAL_ENTITY_NAME": "legal-entity",
	"INVOICING_ENTITY":  "invoicing-entity",
	"BILLING_ENTITY":    "billing-entity",
}

// lacking says why the ledger has no such dimension, and what to do instead.
var lacking = map[string][2]string{
	"AZ":                   {"availability zones are not kept", "ask aws by REGION"},
	"INSTANCE_TYPE":        {"instance types are not kept by themselves", "ask aws by USAGE_TYPE, which names them: USE1-BoxUsage:m7i.large"},
	"INSTANCE_TYPE_FAMILY": {"instance families are not kept by themselves", "ask aws by USAGE_TYPE, which names them: USE1-BoxUsage:m7i.large"},
	"PLATFORM":             {"platforms are not kept by themselves", "ask aws by OPERATION, which tells them apart: RunInstances:0002"},
	"OPERATING_SYSTEM":     {"operating systems are not kept by themselves", "ask aws by OPERATION, which tells them apart: RunInstances:0002"},
	"TENANCY":              {"tenancies are not kept by themselves", "ask aws by USAGE_TYPE, which tells them apart: DedicatedUsage"},
	"PURCHASE_TYPE":        {"AWS works it out, and the bill has no column for it", "ask aws by RECORD_TYPE"},
	"USAGE_TYPE_GROUP":     {"which usage types a group has stands in no bill", "ask aws by USAGE_TYPE"},
	"LINKED_ACCOUNT_NAME":  {"accounts are told apart by number", "ask aws by LINKED_ACCOUNT"},
	"SERVICE_CODE":         {"services are told apart by name", "ask aws by SERVICE"},
	"DEPLOYMENT_OPTION":    {"it is not kept by itself", "ask aws by USAGE_TYPE"},
	"DATABASE_ENGINE":      {"it is not kept by itself", "ask aws by OPERATION"},
	"CACHE_ENGINE":         {"it is not kept by itself", "ask aws by USAGE_TYPE"},
	"RESERVATION_ID":       {"reservations are not kept by themselves", "ask aws by RECORD_TYPE"},
	"SUBSCRIPTION_ID":      {"reservations are not kept by themselves", "ask aws by RECORD_TYPE"},
	"SAVINGS_PLAN_ARN":     {"savings plans are not kept by themselves", "ask aws by RECORD_TYPE"},
	"SAVINGS_PLANS_TYPE":   {"savings plans are not kept by themselves", "ask aws by RECORD_TYPE"},
	"PAYMENT_OPTION":       {"savings plans and reservations are not kept by themselves", "ask aws by RECORD_TYPE"},
}

// DimensionKey returns explore's key of a dimension. Errors are of KindInvalid.
func DimensionKey(dimension string) (explore.Key, error) {
	name, err := keyOf(dimension, "list values of")
	return named(name), err
}

// keyOf returns explore's key for a dimension; doing says what it is wanted
// for, for the error, which is of KindInvalid.
func keyOf(dimension, doing string) (string, error) {
	if key, ok := keys[dimension]; ok {
		return key, nil
	}
	if why, ok := lacking[dimension]; ok {
		return "", showback.WithHint(showback.Errorf(showback.KindInvalid, "%s %s: %s", doing, dimension, why[0]), why[1])
	}
	return "", showback.Errorf(showback.KindInvalid, "%s %q: want one of %s", doing, dimension, strings.Join(dimensionNames(), ", "))
}

func dimensionNames() []string {
	var names []string
	for name := range keys {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// plain is a text without case, blanks, dashes and underscores. Cost Explorer
// writes the same thing in several ways: "Savings Plan Covered Usage",
// "SavingsPlanCoveredUsage".
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' || r == '_' {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
}

// noneWords are what Cost Explorer prints for charges without a value, by
// dimension. NoRegion, NoUsageType and NoResourceId are as seen in its answers;
// the others are formed alike, and not confirmed.
var noneWords = map[string]string{
	dimRegion: "NoRegion", "USAGE_TYPE": "NoUsageType", "OPERATION": "NoOperation", "RESOURCE_ID": "NoResourceId",
	"LINKED_ACCOUNT": "NoLinkedAccount", "PAYER_ACCOUNT": "NoPayerAccount", dimService: "NoService", dimRecordType: "NoRecordType",
	"LEGAL_ENTITY_NAME": "NoLegalEntityName", "INVOICING_ENTITY": "NoInvoicingEntity", "BILLING_ENTITY": "NoBillingEntity",
}

// isNone reports a word for no value, however it is spelled.
func isNone(dimension, text string) bool {
	return text == "" || plain(text) == plain(noneWords[dimension])
}
