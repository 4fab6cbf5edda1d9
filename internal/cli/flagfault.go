package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"
)

// flagWants says what a flag takes, by pflag's name of its type.
var flagWants = map[string]string{"int": "a whole number", "uint64": "a whole number from 0", "bool": "true or false"}

// flagFault says what is wrong with a flag as other messages do: what was
// found and what was wanted.
func flagFault(err error) string {
	var unknown *pflag.NotExistError
	var bare *pflag.ValueRequiredError
	var bad *pflag.InvalidValueError
	var twice twiceError
	var syntax *pflag.InvalidSyntaxError
	switch {
	case errors.As(err, &unknown):
		name := "--" + unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			name = "-" + unknown.GetSpecifiedName()
		}
		return "no such flag as " + name
	case errors.As(err, &bare):
		return fmt.Sprintf("--%s: found nothing, want %s", bare.GetFlag().Name, wanted(bare.GetFlag()))
	case errors.As(err, &bad) && errors.As(bad, &twice):
		return fmt.Sprintf("--%s: %s", bad.GetFlag().Name, twice)
	case errors.As(err, &bad):
		return fmt.Sprintf("--%s: found %q, want %s", bad.GetFlag().Name, bad.GetValue(), wanted(bad.GetFlag()))
	case errors.As(err, &syntax):
		return fmt.Sprintf("found %s, want --FLAG=VALUE", syntax.GetSpecifiedFlag())
	}
	return err.Error()
}

func wanted(f *pflag.Flag) string {
	if text, ok := flagWants[f.Value.Type()]; ok {
		return text
	}
	return "a value"
}
