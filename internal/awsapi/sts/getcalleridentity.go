package sts

import (
	"context"

	"showback/internal/awsapi/wire"
)

// GetCallerIdentityRequest asks for nothing.
type GetCallerIdentityRequest struct{}

// GetCallerIdentityResponse says who sent the request.
type GetCallerIdentityResponse struct {
	Arn     string
	UserID  string `json:"UserId"`
	Account string
}

// GetCallerIdentity answers whoever has a key. (AWS, "AWS Security Token Service
// API Reference: GetCallerIdentity", 2026-09.)
func (s *Service) GetCallerIdentity(_ context.Context, by wire.Caller, _ GetCallerIdentityRequest) (GetCallerIdentityResponse, error) {
	return GetCallerIdentityResponse{Arn: by.ARN, UserID: by.PrincipalID, Account: by.Account}, nil
}
