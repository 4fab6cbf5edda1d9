package showback

import "strings"

// ARN is an Amazon Resource Name split at its first five colons.
type ARN struct {
	Partition string // aws, aws-cn, aws-us-gov, …
	Service   string
	Region    string // empty for global services
	Account   string // empty where the resource has none
	Resource  string // all that follows, colons and slashes included
}

// ParseARN splits an ARN. It checks the form, not whether the parts exist.
func ParseARN(text string) (ARN, error) {
	p := strings.SplitN(text, ":", 6)
	if len(p) != 6 || p[0] != "arn" || p[1] == "" || p[2] == "" || p[5] == "" {
		return ARN{}, Errorf(KindInvalid, "parse ARN %q: want arn:partition:service:region:account:resource", text)
	}
	return ARN{p[1], p[2], p[3], p[4], p[5]}, nil
}

func (a ARN) String() string {
	return strings.Join([]string{"arn", a.Partition, a.Service, a.Region, a.Account, a.Resource}, ":")
}
