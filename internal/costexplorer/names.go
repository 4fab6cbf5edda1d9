package costexplorer

import "showback"

// TaxService is the service under which Cost Explorer counts tax, whatever the
// bill names; the usage type beside it is NoUsageType. (Seen in answers by
// SERVICE and USAGE_TYPE; AWS documents it nowhere.)
const TaxService = "Tax"

// taxType is the line item type of tax.
const taxType = "Tax"

const (
	ec2        = "Amazon Elastic Compute Cloud"
	ec2Compute = "Amazon Elastic Compute Cloud - Compute"
	ec2Other   = "EC2 - Other"
)

// services maps what a service is also called to the one name that both sides
// are compared by: the product's name in bills. Left of the colon are Cost
// Explorer's names and product codes, which the ledger has where a bill gives
// no name. Only those are here that are certain. (AWS, Price List offer index,
// 2026-07; Cost Explorer's names as seen in its answers.)
var services = map[string]string{
	ec2Compute: ec2, ec2Other: ec2, "AmazonEC2": ec2,
	"AmazonBedrock": "Amazon Bedrock", "AmazonBedrockService": "Amazon Bedrock Service", "AmazonBedrockAgentCore": "Amazon Bedrock AgentCore",
	"AmazonS3":            "Amazon Simple Storage Service",
	"AmazonRDS":           "Amazon Relational Database Service",
	"AmazonDynamoDB":      "Amazon DynamoDB",
	"AWSLambda":           "AWS Lambda",
	"awskms":              "AWS Key Management Service",
	"AWSSecretsManager":   "AWS Secrets Manager",
	"AmazonECS":           "Amazon Elastic Container Service",
	"AmazonECR":           "Amazon EC2 Container Registry (ECR)",
	"AmazonEKS":           "Amazon Elastic Container Service for Kubernetes",
	"AmazonRoute53":       "Amazon Route 53",
	"AmazonSNS":           "Amazon Simple Notification Service",
	"AWSQueueService":     "Amazon Simple Queue Service",
	"AmazonSageMaker":     "Amazon SageMaker",
	"AmazonVPC":           "Amazon Virtual Private Cloud",
	"AWSELB":              "Elastic Load Balancing",
	"AmazonApiGateway":    "Amazon API Gateway",
	"AmazonCloudFront":    "Amazon CloudFront",
	"AWSCloudTrail":       "AWS CloudTrail",
	"AWSGlue":             "AWS Glue",
	"AmazonAthena":        "Amazon Athena",
	"AmazonEFS":           "Amazon Elastic File System",
	"AmazonElastiCache":   "Amazon ElastiCache",
	"AmazonRedshift":      "Amazon Redshift",
	"ComputeSavingsPlans": "Savings Plans for AWS Compute usage",
	"AWSSupportBusiness":  "AWS Support (Business)",

	"Amazon Elastic Load Balancing": "Elastic Load Balancing",
}

// serviceName returns the name that a service is compared by.
func serviceName(text string) string {
	if name, ok := services[text]; ok {
		return name
	}
	return text
}

// recordFee is the line item type of reservations' upfront fees, support and
// other fees.
const recordFee = "Fee"

// recordTypes maps what Cost Explorer calls a record type, written plainly, to
// the bill's line item type: the names of the bill itself, and those that
// differ. (AWS, "Using Cost Explorer filters: Charge type", 2026-09, and values
// as seen in requests and answers.)
var recordTypes = func() map[string]string {
	types := map[string]string{
		"reservationappliedusage":           "DiscountedUsage",
		"recurringreservationfee":           "RIFee",
		"recurring":                         "RIFee",
		"upfrontreservationfee":             recordFee,
		"upfront":                           recordFee,
		"supportfee":                        recordFee,
		"support":                           recordFee,
		"otheroutofcyclecharges":            recordFee,
		"enterprisediscountprogramdiscount": "EdpDiscount",
		"privateratecarddiscount":           "PrivateRateDiscount",
		"solutionproviderprogramdiscount":   "SppDiscount",
		"flateratesubscription":             "FlatRateSubscription", // sic, the dictionary of bills
	}
	for _, name := range []string{
		"Usage", "DiscountedUsage", "SavingsPlanCoveredUsage", "SavingsPlanNegation", "SavingsPlanRecurringFee", "SavingsPlanUpfrontFee",
		"RIFee", recordFee, "FlatRateSubscription", "BundledDiscount", "Discount", "EdpDiscount", "PrivateRateDiscount", "SppDiscount",
		"DistributorDiscount", "Credit", "Refund", taxType,
	} {
		types[plain(name)] = name
	}
	return types
}()

// recordType returns the line item type that a record type is compared by;
// one that is not known, as it is.
func recordType(text string) string {
	if name, ok := recordTypes[plain(text)]; ok {
		return name
	}
	return text
}

// parts are the names that Cost Explorer has for parts of what the bill has one
// name for. A filter on some of them cannot be told from the bill.
var parts = map[string]map[string][][]string{
	dimService:    {ec2: {{ec2Compute}, {ec2Other}}},
	dimRecordType: {recordFee: {{"Upfront reservation fee", "Upfront"}, {"Support fee", "Support"}, {"Other out-of-cycle charges"}}},
}

// wholes returns what values of SERVICE or RECORD_TYPE are in the bill, each
// once. Some but not all parts of one thing are an error of KindInvalid.
func wholes(dimension string, values []string) ([]string, error) {
	name := serviceName
	if dimension == dimRecordType {
		name = recordType
	}
	given := map[string]bool{} // plainly
	for _, v := range values {
		given[plain(v)] = true
	}
	var out []string
	added := map[string]bool{}
	for _, v := range values {
		whole := name(v)
		if left := leftOut(parts[dimension][whole], given, v); left != "" {
			return nil, showback.WithHint(showback.Errorf(showback.KindInvalid,
				"filter by %s %q: the bill has it and %q under one name, %s", dimension, v, left, whole),
				"filter by both, or by neither")
		}
		if !added[whole] {
			added[whole] = true
			out = append(out, whole)
		}
	}
	return out, nil
}

// leftOut returns a part that is not given though the value is another part of
// the same; empty where all are given or the value is no part.
func leftOut(parts [][]string, given map[string]bool, value string) string {
	part, left := false, ""
	for _, names := range parts {
		some := false
		for _, n := range names {
			part = part || plain(n) == plain(value)
			some = some || given[plain(n)]
		}
		if !some {
			left = names[0]
		}
	}
	if !part {
		return ""
	}
	return left
}
