using './network.bicep'

param location = 'centralus'
param vnetPrefix = '10.30.0.0/16'
param nodePrefix = '10.30.0.0/22'
