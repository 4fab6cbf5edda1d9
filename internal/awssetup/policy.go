package awssetup

// Policy is a policy of a bucket or of a user or role, in AWS's JSON.
type Policy struct {
	Version   string
	Statement []Statement
}

// Statement is one statement of a policy. The JSON has its fields in this order.
type Statement struct {
	Sid       string
	Effect    string
	Principal *Principal `json:",omitempty"`
	Action    []string
	Resource  []string
	// Condition is operator → key → values.
	Condition map[string]map[string][]string `json:",omitempty"`
}

// Principal names the services that a bucket's policy speaks of.
type Principal struct{ Service []string }

// policyVersion is the only version of the policy language in use.
const policyVersion = "2012-10-17"

// BucketPolicy lets Data Exports write to the bucket and look at its policy,
// when it acts for an export of the account. The permission is on the whole
// bucket, not on the prefix: before the first delivery AWS writes a test object
// at the bucket's root.
func (s Setup) BucketPolicy() Policy {
	bucket, account := "arn:aws:s3:::"+s.bucket(), s.account()
	return Policy{Version: policyVersion, Statement: []Statement{{
		Sid:       "EnableAWSDataExportsToWriteToS3AndCheckPolicy",
		Effect:    "Allow",
		Principal: &Principal{Service: []string{"billingreports.amazonaws.com", "bcm-data-exports.amazonaws.com"}},
		Action:    []string{"s3:PutObject", "s3:GetBucketPolicy"},
		Resource:  []string{bucket, bucket + "/*"},
		Condition: map[string]map[string][]string{"StringLike": {
			"aws:SourceAccount": {account},
			"aws:SourceArn": {
				"arn:aws:cur:us-east-1:" + account + ":definition/*",
				"arn:aws:bcm-data-exports:us-east-1:" + account + ":export/*",
			},
		}},
	}}}
}

// ReaderPolicy is what showback itself needs: to list the bucket and to read
// the files below the prefix.
func (s Setup) ReaderPolicy() Policy {
	bucket := "arn:aws:s3:::" + s.bucket()
	return Policy{Version: policyVersion, Statement: []Statement{
		{Sid: "ListBills", Effect: "Allow", Action: []string{"s3:ListBucket"}, Resource: []string{bucket}},
		{Sid: "ReadBills", Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []string{bucket + "/" + s.Prefix + "/*"}},
	}}
}
